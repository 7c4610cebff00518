use super::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    time::Duration,
};

fn load(toml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let mut file = tempfile::Builder::new()
        .prefix("rollcall")
        .suffix(".toml")
        .tempfile()
        .unwrap();
    file.write_all(toml.as_bytes()).unwrap();
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(file.path()), environment, &[]).map_err(|error| {
        error
            .to_string()
            .replace(file.path().to_str().unwrap(), "FILE")
    })
}

fn refusal(toml: &str, environment: &[(&str, &str)]) -> String {
    load(toml, environment).expect_err("refused")
}

#[test]
fn nothing_set_means_the_defaults() {
    assert_eq!(load("", &[]).unwrap(), Config::default());
}

#[test]
fn the_environment_overrules_the_file_and_a_flag_overrules_both() {
    let config = load(
        "[presence]\noffline_grace = '5s'\nping_interval = '10s'",
        &[("ROLLCALL_PRESENCE__OFFLINE_GRACE", "7s")],
    )
    .unwrap();
    assert_eq!(config.presence.offline_grace, Duration::from_secs(7));
    assert_eq!(config.presence.ping_interval, Duration::from_secs(10));

    let environment = [
        ("ROLLCALL_SERVER__LISTEN", "127.0.0.1:1"),
        (LEPTOS_ADDRESS, "127.0.0.1:2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let flag = Flag {
        flag: "--listen".to_owned(),
        key: "server.listen".to_owned(),
        value: "127.0.0.1:3".into(),
    };
    let listen = |environment: &[_], flags: &[_]| {
        Config::load(None, environment.iter().cloned(), flags)
            .unwrap()
            .server
            .listen
            .port()
    };
    assert_eq!(listen(&environment, &[flag]), 3);
    assert_eq!(listen(&environment, &[]), 1);
    assert_eq!(listen(&environment[1..], &[]), 2);
}

#[test]
fn every_kind_of_value_can_come_from_the_environment() {
    let config = load(
        "",
        &[
            ("ROLLCALL_CHAT__TYPING_ENABLED", "false"),
            ("ROLLCALL_CONNECTION__POLICY", "fixed"),
            ("ROLLCALL_CONNECTION__FIXED_DELAYS", "[1s, 2s]"),
            ("ROLLCALL_DATABASE__URL", "sqlite:///tmp/x.db"),
            (
                "ROLLCALL_SERVER__ALLOWED_ORIGINS",
                r#"["https://a.example"]"#,
            ),
            ("ROLLCALL_SIGN_UP__MODE", "closed"),
            ("ROLLCALL_WEBSOCKET__BURST", "7"),
        ],
    )
    .unwrap();
    assert!(!config.chat.typing_enabled);
    assert_eq!(config.connection.policy, Policy::Fixed);
    assert_eq!(
        config.connection.fixed_delays,
        [1, 2].map(Duration::from_secs)
    );
    assert_eq!(config.database.url.as_deref(), Some("sqlite:///tmp/x.db"));
    assert_eq!(
        config.server.allowed_origins[0].as_str(),
        "https://a.example"
    );
    assert_eq!(config.sign_up.mode, SignUpMode::Closed);
    assert_eq!(config.websocket.burst, 7);
}

#[test]
fn an_unknown_key_is_named_with_where_it_stands() {
    insta::assert_snapshot!(refusal("[presense]\n", &[]), @"unknown setting `presense` in FILE (did you mean `presence`?); known here: server, database, redis, chat, presence, connection, websocket, sign_in, sign_up, token, metrics, log");
    insta::assert_snapshot!(refusal("[presence]\npong_timout = '1s'", &[]), @"unknown setting `presence.pong_timout` in FILE (did you mean `pong_timeout`?); known here: ping_interval, pong_timeout, offline_grace, lease_ttl, lease_renewal, reaper_interval, away_after, coalesce_window");
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_TOKEN__SECRET", "x")]), @"unknown setting `token.secret` in the environment variable ROLLCALL_TOKEN__SECRET; known here: key_file, issuer, audience, lifetime");
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_SERVER_LISTEN", "x")]), @"unknown setting `server_listen` in the environment variable ROLLCALL_SERVER_LISTEN (did you mean ROLLCALL_SERVER__LISTEN, with two underscores?); known here: server, database, redis, chat, presence, connection, websocket, sign_in, sign_up, token, metrics, log");
}

#[test]
fn a_value_of_the_wrong_type_is_named_with_where_it_stands() {
    insta::assert_snapshot!(refusal("[presence]\noffline_grace = 3", &[]), @r#"the setting `presence.offline_grace` in FILE is 3, but must be a duration with its unit, such as "3s""#);
    insta::assert_snapshot!(refusal("[presence]\noffline_grace = 'soon'", &[]), @r#"the setting `presence.offline_grace` in FILE is "soon", but must be a duration with its unit, such as "3s""#);
    insta::assert_snapshot!(refusal("[server]\nlisten = 'everywhere'", &[]), @r#"the setting `server.listen` in FILE is no IP address with a port, such as "127.0.0.1:3000" or "[::1]:3000""#);
    insta::assert_snapshot!(refusal("presence = 3", &[]), @"the setting `presence` in FILE is 3, but must be a section with settings of its own");
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_SIGN_UP__MODE", "maybe")]), @r#"the setting `sign_up.mode` in the environment variable ROLLCALL_SIGN_UP__MODE is "maybe", but must be one of open, invitation, closed"#);
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_WEBSOCKET__BURST", "-1")]), @"the setting `websocket.burst` in the environment variable ROLLCALL_WEBSOCKET__BURST is -1, but must be a whole number from 0 to 4294967295");
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_SERVER__PUBLIC_URL", "chat.example.org")]), @"the setting `server.public_url` in the environment variable ROLLCALL_SERVER__PUBLIC_URL is wrong: expected an origin such as https://chat.example.org, without a path");
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_PRESENCE", "on")]), @r#"the setting `presence` in the environment variable ROLLCALL_PRESENCE is "on", but must be a section with settings of its own"#);
}

#[test]
fn an_address_that_is_none_is_told_with_an_example() {
    insta::assert_snapshot!(refusal("[metrics]\nlisten = 3002", &[]), @r#"the setting `metrics.listen` in FILE is 3002, but must be an IP address with a port, such as "127.0.0.1:3000""#);
    insta::assert_snapshot!(refusal("[metrics]\nlisten = 'localhost:3002'", &[]), @r#"the setting `metrics.listen` in FILE is no IP address with a port, such as "127.0.0.1:3000" or "[::1]:3000""#);
    insta::assert_snapshot!(refusal("[server]\ntrusted_proxies = ['10.0.0.0/8']", &[]), @r#"the setting `server.trusted_proxies` in FILE names something that is no IP address, such as "127.0.0.1"; names of hosts and networks are none"#);
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_SERVER__TRUSTED_PROXIES", "127.0.0.1")]), @r#"the setting `server.trusted_proxies` in the environment variable ROLLCALL_SERVER__TRUSTED_PROXIES is "127.0.0.1", but must be a list"#);
}

#[test]
fn the_least_bytes_at_once_are_those_of_the_largest_frame() {
    let config = load("[websocket]\nbyte_burst = 65550", &[]).unwrap();
    assert_eq!(config.websocket.byte_burst, 65550);
    insta::assert_snapshot!(refusal("[websocket]\nbyte_burst = 65549", &[]), @"the setting `websocket.byte_burst` in FILE is 65549, but must be at least 65550");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let file = "[presence]\npong_timout = '1s'\noffline_grace = 3\n[serve]\nlisten = 'x'";
    insta::assert_snapshot!(refusal(file, &[("ROLLCALL_SIGN_UP__MODE", "maybe"), ("ROLLCALL_WEBSOCKET__BURST", "-1")]), @r#"
    the setting `presence.offline_grace` in FILE is 3, but must be a duration with its unit, such as "3s"
    unknown setting `presence.pong_timout` in FILE (did you mean `pong_timeout`?); known here: ping_interval, pong_timeout, offline_grace, lease_ttl, lease_renewal, reaper_interval, away_after, coalesce_window
    unknown setting `serve` in FILE (did you mean `server`?); known here: server, database, redis, chat, presence, connection, websocket, sign_in, sign_up, token, metrics, log
    the setting `sign_up.mode` in the environment variable ROLLCALL_SIGN_UP__MODE is "maybe", but must be one of open, invitation, closed
    the setting `websocket.burst` in the environment variable ROLLCALL_WEBSOCKET__BURST is -1, but must be a whole number from 0 to 4294967295
    "#);
    insta::assert_snapshot!(refusal("[server]\nmax_body = 10\n[token]\nissuer = ''\n[sign_in]\nremembered = 0", &[]), @r"
    the setting `server.max_body` in FILE is 10, but must be at least 65536
    the setting `sign_in.remembered` in FILE is 0, but must be at least 1
    the setting `token.issuer` in FILE is empty
    ");
}

#[test]
fn an_impossible_value_is_named_with_where_it_stands() {
    for (toml, key) in [
        ("[server]\ndata = ''", "server.data"),
        ("[server]\nsite_root = ''", "server.site_root"),
        ("[server]\nmax_body = 10", "server.max_body"),
        ("[server]\nhead_timeout = '0s'", "server.head_timeout"),
        ("[server]\nkeep_alive = '0s'", "server.keep_alive"),
        ("[server]\nbody_timeout = '0s'", "server.body_timeout"),
        (
            "[server]\nconnections_per_address = 0",
            "server.connections_per_address",
        ),
        ("[server]\ndrain_timeout = '0s'", "server.drain_timeout"),
        (
            "[server]\nshutdown_timeout = '0s'",
            "server.shutdown_timeout",
        ),
        ("[chat]\ntyping_timeout = '2s'", "chat.typing_timeout"),
        ("[presence]\nping_interval = '0s'", "presence.ping_interval"),
        (
            "[presence]\nreaper_interval = '0s'",
            "presence.reaper_interval",
        ),
        ("[connection]\nbase = '0s'", "connection.base"),
        ("[connection]\nbase = '31s'\nmax = '30s'", "connection.max"),
        ("[connection]\nattempts = 0", "connection.attempts"),
        (
            "[connection]\npolicy = 'fixed'\nfixed_delays = []",
            "connection.fixed_delays",
        ),
        (
            "[connection]\npolicy = 'fixed'\nfixed_delays = ['0s']",
            "connection.fixed_delays",
        ),
        ("[websocket]\nread_buffer = 1", "websocket.read_buffer"),
        (
            "[websocket]\nread_buffer = 1000000000000",
            "websocket.read_buffer",
        ),
        (
            "[websocket]\nadmissions = 9000000000000000000\nwaiting = 0",
            "websocket.admissions",
        ),
        (
            "[websocket]\nqueue_capacity = 0",
            "websocket.queue_capacity",
        ),
        (
            "[websocket]\nhello_timeout = '0s'",
            "websocket.hello_timeout",
        ),
        (
            "[websocket]\nconnections_per_user = 0",
            "websocket.connections_per_user",
        ),
        ("[websocket]\nsubscriptions = 0", "websocket.subscriptions"),
        (
            "[websocket]\nframes_per_second = 0",
            "websocket.frames_per_second",
        ),
        ("[websocket]\nburst = 0", "websocket.burst"),
        (
            "[websocket]\nbytes_per_second = 0",
            "websocket.bytes_per_second",
        ),
        ("[websocket]\nbyte_burst = 65549", "websocket.byte_burst"),
        (
            "[websocket]\nmessages_per_second = 0",
            "websocket.messages_per_second",
        ),
        ("[websocket]\nmessage_burst = 0", "websocket.message_burst"),
        (
            "[websocket]\ntyping_per_second = 0",
            "websocket.typing_per_second",
        ),
        ("[websocket]\ntyping_burst = 0", "websocket.typing_burst"),
        ("[websocket]\nadmissions = 0", "websocket.admissions"),
        (
            "[websocket]\nwaiting = 9223372036854775807",
            "websocket.waiting",
        ),
        (
            "[sign_in]\nsession_lifetime = '0s'",
            "sign_in.session_lifetime",
        ),
        (
            "[sign_in]\nhashing_parallelism = 0",
            "sign_in.hashing_parallelism",
        ),
        ("[sign_in]\nfree_attempts = 0", "sign_in.free_attempts"),
        ("[sign_in]\nfirst_wait = '0s'", "sign_in.first_wait"),
        ("[sign_in]\nmax_wait = '1ms'", "sign_in.max_wait"),
        ("[sign_in]\nforget_after = '1s'", "sign_in.forget_after"),
        ("[sign_in]\nremembered = 0", "sign_in.remembered"),
        (
            "[sign_in]\nremembered = 1000000000000",
            "sign_in.remembered",
        ),
        (
            "[sign_in]\nhashing_parallelism = 100000",
            "sign_in.hashing_parallelism",
        ),
        ("[token]\nkey_file = ''", "token.key_file"),
        ("[token]\nissuer = ''", "token.issuer"),
        ("[token]\naudience = ' '", "token.audience"),
        ("[token]\nlifetime = '0s'", "token.lifetime"),
        ("[log]\nfilter = 'server=loud'", "log.filter"),
    ] {
        let sentence = refusal(toml, &[]);
        assert!(
            sentence.starts_with(&format!("the setting `{key}` in FILE ")),
            "{toml}: {sentence}"
        );
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
    }
    insta::assert_snapshot!(
        refusal("[presence]\nping_interval = '20s'", &[("ROLLCALL_PRESENCE__PONG_TIMEOUT", "10s")]),
        @"the setting `presence.pong_timeout` in the environment variable ROLLCALL_PRESENCE__PONG_TIMEOUT is 10s, but must be longer than ping_interval (20s): else a connection that answers every ping would be closed"
    );
    insta::assert_snapshot!(refusal("[presence]\nping_interval = '90s'", &[]), @"the setting `presence.pong_timeout` in the defaults is 60s, but must be longer than ping_interval (90s): else a connection that answers every ping would be closed");
}

/// A moment after some of them could not be told, and the server ended where it looked for it.
#[test]
fn no_duration_is_longer_than_a_century() {
    let defaults = serde_json::to_value(Config::default()).unwrap();
    let mut durations = 0;
    for (section, settings) in defaults.as_object().unwrap() {
        for (key, default) in settings.as_object().unwrap() {
            let is_duration = |text| humantime::parse_duration(text).is_ok();
            if default.as_str().is_some_and(is_duration) {
                durations += 1;
                let sentence =
                    refusal(&format!("[{section}]\n{key} = '9223372036854775807s'"), &[]);
                assert_eq!(
                    sentence,
                    format!(
                        "the setting `{section}.{key}` in FILE is wrong: no duration may be longer than \
                         100 years"
                    )
                );
            }
        }
    }
    assert!(durations > 20, "{durations} were found");
    let sentence = refusal("[connection]\nfixed_delays = ['101years']", &[]);
    assert!(sentence.contains("longer than 100 years"), "{sentence}");
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    insta::assert_snapshot!(refusal("[server]\nlisten = ", &[]), @"FILE is not a TOML file: TOML parse error at line 2, column 10");
    insta::assert_snapshot!(refusal("[server]\n[server]\n", &[]), @"FILE is not a TOML file: TOML parse error at line 2, column 1: invalid table header: duplicate key `server` in document root");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Config::load(Some(Path::new("/does/not/exist.toml")), [], &[]).unwrap_err();
    insta::assert_snapshot!(error, @"cannot read the configuration file /does/not/exist.toml: No such file or directory (os error 2)");
}

/// The rows of each section of the manual, key and default.
fn manual() -> BTreeMap<String, BTreeSet<String>> {
    let manual = include_str!("../../../docs/configuration.md");
    let mut sections = BTreeMap::new();
    let mut section = String::new();
    for line in manual.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.trim_matches(['`', '[', ']']).to_owned();
        } else if line.starts_with("| `") {
            let cells: Vec<_> = line.split(" | ").take(2).collect();
            let rows: &mut BTreeSet<String> = sections.entry(section.clone()).or_default();
            assert!(rows.insert(cells.join(" | ")), "twice: {line}");
        }
    }
    sections
}

#[test]
fn a_redis_wants_an_address_a_plain_prefix_and_a_database_that_can_be_shared() {
    insta::assert_snapshot!(refusal("[redis]\nurl = 'redis.example.org'", &[]), @"the setting `redis.url` in FILE is not the address of a Redis, such as redis://user:password@redis.example.org:6379, rediss://… with TLS, or unix:///run/redis/redis.sock");
    insta::assert_snapshot!(refusal("[redis]\nprefix = 'a{b}'", &[]), @"the setting `redis.prefix` in FILE may have letters, digits and - _ . : only, and at least one of them");
    insta::assert_snapshot!(refusal("", &[("ROLLCALL_REDIS__URL", "redis://redis.example.org")]), @"the setting `redis.url` in the environment variable ROLLCALL_REDIS__URL is set, but servers that share a Redis must share a PostgreSQL database as well: name it in `database.url`");
    let both = "[redis]\nurl = 'redis://:secret@redis.example.org'\n[database]\nurl = 'postgres://db.example.org/rollcall'";
    assert!(load(both, &[]).is_ok());
}

#[test]
fn a_database_wants_an_address_of_a_kind_that_is_spoken() {
    let refused = |url: &str| refusal(&format!("[database]\nurl = '{url}'"), &[]);
    insta::assert_snapshot!(refused("mysql://db.example.org/rollcall"), @r#"the setting `database.url` in FILE cannot be used: the database URL starts with "mysql", which is not supported: write sqlite:// and the path of a file, or postgres:// and what leads to a database"#);
    insta::assert_snapshot!(refused(""), @r#"the setting `database.url` in FILE cannot be used: the database URL starts with "", which is not supported: write sqlite:// and the path of a file, or postgres:// and what leads to a database"#);
    insta::assert_snapshot!(refused("sqlite::memory:"), @r#"the setting `database.url` in FILE cannot be used: the database URL "sqlite::memory:" does not name a file: write sqlite:// and a path, with every %, ? and # in it percent-encoded, and no parameters"#);
    insta::assert_snapshot!(refused("postgres://ann:secret@db.example.org:port/rollcall"), @"the setting `database.url` in FILE cannot be used: the database URL is not one of PostgreSQL's: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with every special character percent-encoded");
    for right in [
        "sqlite:///srv/rollcall.db",
        "postgresql://ann@%2Frun%2Fpostgresql/rollcall",
    ] {
        assert!(
            load(&format!("[database]\nurl = '{right}'"), &[]).is_ok(),
            "{right}"
        );
    }
}

#[test]
fn the_manual_lists_every_setting_with_its_default_and_no_other() {
    let serde_json::Value::Object(sections) = serde_json::to_value(Config::default()).unwrap()
    else {
        panic!("a configuration is a table");
    };
    let rows = |settings: serde_json::Value| {
        let row = |(key, default): (&String, &serde_json::Value)| match default {
            serde_json::Value::Null => format!("| `{key}` | none"),
            serde_json::Value::String(text) => format!("| `{key}` | `\"{text}\"`"),
            other => format!("| `{key}` | `{other}`"),
        };
        settings.as_object().unwrap().iter().map(row).collect()
    };
    let expected: BTreeMap<_, _> = sections
        .into_iter()
        .map(|(section, settings)| (section, rows(settings)))
        .collect();
    assert_eq!(manual(), expected);
}

#[test]
fn what_the_examples_of_an_installation_set_are_settings() {
    let known = serde_json::to_value(Config::default()).unwrap();
    let is_known = |name: &str| {
        let (section, key) = name.split_once("__").unwrap();
        known[section].get(key).is_some()
    };
    for (file, text) in [
        ("compose.yaml", include_str!("../../../deploy/compose.yaml")),
        (
            "Containerfile",
            include_str!("../../../deploy/Containerfile"),
        ),
        (
            "the unit",
            include_str!("../../../deploy/rollcall@.service"),
        ),
        ("the manual", include_str!("../../../docs/operations.md")),
    ] {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let variables = words.filter_map(|word| word.strip_prefix(ENVIRONMENT_PREFIX));
        let settings: Vec<_> = variables.filter(|it| it.contains("__")).collect();
        assert!(!settings.is_empty(), "{file} sets nothing");
        for setting in settings {
            let setting = setting.to_ascii_lowercase();
            assert!(
                is_known(&setting),
                "{file} sets {setting}, which is no setting"
            );
        }
    }
}
