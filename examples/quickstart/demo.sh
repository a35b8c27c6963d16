#!/bin/sh
# Types the first five minutes of a project for you, on SQLite, in a folder that is removed
# afterwards. Needs nothing but the installed package; ends with an error if any step does.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$here/app" "$folder/app"
cd "$folder"
sed '/name: Mapped/d' "$here/app/models.py" > app/models.py # the name comes later
export DATABASE_URL="sqlite+aiosqlite:///app.db"

say() { printf '\n# %s\n' "$*"; }

typed() {
    printf '\n$'
    for word in "$@"; do
        case $word in *[[:space:]]*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\n'
}

run() {
    typed "$@"
    "$@"
}

# fails CODE COMMAND...: the command must end with this exit code.
fails() {
    wanted=$1
    shift
    typed "$@"
    code=0
    "$@" || code=$?
    printf '(exit code %s)\n' "$code"
    [ "$code" -eq "$wanted" ]
}

# show NAME: what was written for you into the script NAME.
show() {
    script=$(ls migrations/versions/*_"$1".py)
    say "In $script:"
    sed -n '/^def upgrade/,$p' "$script"
}

# write NAME: fill in upgrade() and downgrade() of the script NAME, as you would in an editor.
write() {
    script=$(ls migrations/versions/*_"$1".py)
    sed '/^def upgrade/,$d' "$script" > script.new
    sed -n '/^def upgrade/,$p' "$here/scripts/$1.py" >> script.new
    mv script.new "$script"
    say "In $script, write what changes:"
    sed -n '/^def upgrade/,$p' "$here/scripts/$1.py"
}

say "A project with models in app/models.py. Make a folder for its migrations."
run amigrate init

say "The database is one environment variable: DATABASE_URL=$DATABASE_URL"
run amigrate revision --autogenerate -m "create users"
show create_users

run amigrate plan
run amigrate upgrade head
run amigrate status
run amigrate check

say "The model gets a name. This time the application runs the migration, by await, at its start."
cp "$here/app/models.py" app/models.py
fails 3 amigrate check
run amigrate revision --autogenerate -m "add user names"
show add_user_names
run python -m app
run amigrate history -i

say "A migration that fails half-way is rolled back whole: no table, no record, exit code 1."
run amigrate revision -m "add orders"
write add_orders
fails 1 amigrate upgrade head
fails 3 amigrate status --check

say "Take it out again, and go back one step and forward."
run rm "$script"
run amigrate downgrade -1
run amigrate upgrade head
run amigrate upgrade head
run amigrate status --json

say "The same as SQL text, for a database that somebody else runs."
run amigrate upgrade base:head --sql
