//! What stands below the help of each command: how it is used. A test reads each line as the command
//! line does.

pub(super) const ROLLCALL: &str = "\
Examples:
  rollcall serve --demo
      Try it out at http://127.0.0.1:3000, with people and messages to look at
  rollcall check-config --config rollcall.toml
      Say all that is wrong with a configuration
  rollcall help token issue
      Explain a command";

pub(super) const SERVE: &str = "\
Examples:
  rollcall serve --demo
      Try it out, with people and messages to look at
  rollcall serve --listen 127.0.0.1:8080 --data /srv/rollcall
      Listen on another port, and keep the data in another folder
  rollcall serve --config rollcall.toml --set presence.offline_grace=5s
      Take the settings from a file, but for one";

pub(super) const MIGRATE: &str = "\
Examples:
  rollcall migrate --data /var/lib/rollcall/1
      Bring the tables of the file in this folder up to date
  rollcall migrate --set database.url=postgres://rollcall@db.example.org/rollcall
      Make the tables in a PostgreSQL database, before servers use it";

pub(super) const COPY: &str = "\
Examples:
  rollcall copy --data /var/lib/rollcall/1 --to postgres://rollcall@db.example.org/rollcall
      Move from the file in this folder to PostgreSQL
  rollcall copy --config rollcall.toml --to sqlite:///srv/rollcall/rollcall.db
      Move from the database of a configuration to a file
  rollcall copy --to postgres://rollcall@db.example.org/rollcall --replace
      Copy once more, although the first copy has been used: what was written there is lost";

pub(super) const BACKUP: &str = "\
Examples:
  rollcall backup /var/backups/rollcall --data /var/lib/rollcall/1
      Back up what is in this data folder, also while its server runs
  rollcall serve --data /var/backups/rollcall --listen 127.0.0.1:3999 --set metrics.listen=127.0.0.1:3998
      Look at a back-up, beside the server";

pub(super) const CHECK_CONFIG: &str = "\
Examples:
  rollcall check-config --config rollcall.toml
      Check a file, and what it names
  rollcall check-config --data /var/lib/rollcall/1 --set server.public_url=https://chat.example.org
      Check a setting before it is used";

pub(super) const USER: &str = "\
Examples:
  rollcall user list
      Who has an account in ./data
  rollcall user add jane \"Jane Doe\" < password
      The password is the first line of the file
  rollcall user promote jane --data /var/lib/rollcall/1
      Make jane an administrator of the server that keeps its data here";

pub(super) const USER_LIST: &str = "\
Examples:
  rollcall user list --data /var/lib/rollcall/1
      The accounts of the server that keeps its data here
  rollcall user list --config rollcall.toml
      The accounts of the server with this configuration";

pub(super) const USER_ADD: &str = "\
Examples:
  rollcall user add jane \"Jane Doe\" < password
      The password is the first line of the file
  rollcall user add john John --data /var/lib/rollcall/1
      The password is asked for";

pub(super) const USER_SET_PASSWORD: &str = "\
Examples:
  rollcall user set-password jane < password
      The password is the first line of the file
  rollcall user set-password jane --data /var/lib/rollcall/1
      The password is asked for";

pub(super) const USER_PROMOTE: &str = "\
Examples:
  rollcall user promote jane
      Make jane an administrator in ./data
  rollcall user promote jane --data /var/lib/rollcall/1
      Make her one of the server that keeps its data here";

pub(super) const USER_DEMOTE: &str = "\
Examples:
  rollcall user demote jane
      Jane is no administrator in ./data any more; somebody else must be one
  rollcall user demote jane --data /var/lib/rollcall/1
      Nor of the server that keeps its data here";

pub(super) const TOKEN: &str = "\
Examples:
  rollcall token issue jane --name backup-bot --lifetime 90days
      Print a token for a program that acts as jane
  rollcall token list jane
      Which tokens and sign-ins she has, with their ids
  rollcall token revoke jane 0199aa00-0000-7000-8000-000000000000
      End one of them";

pub(super) const TOKEN_ISSUE: &str = "\
Examples:
  rollcall token issue jane --name backup-bot --lifetime 90days
      A token that holds for 90 days, by the name that lists show
  rollcall token issue jane --data /var/lib/rollcall/1 > token
      A token in a file: nothing else is written to standard output";

pub(super) const TOKEN_LIST: &str = "\
Examples:
  rollcall token list jane
      Her tokens and sign-ins in ./data
  rollcall token list jane --data /var/lib/rollcall/1
      Those at the server that keeps its data here";

pub(super) const TOKEN_REVOKE: &str = "\
Examples:
  rollcall token revoke jane 0199aa00-0000-7000-8000-000000000000
      End one of those that `rollcall token list jane` shows
  rollcall token revoke jane 0199aa00-0000-7000-8000-000000000000 --data /var/lib/rollcall/1
      Likewise at the server that keeps its data here";
