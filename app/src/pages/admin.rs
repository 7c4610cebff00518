use super::{door::query, loaded::when_loaded};
use crate::{
    components::Logo,
    page::admin::{AdminPage, Found, Past, SignInReport, SocketReport, UserReport},
    service::service,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// Shows the page anew each second, as long as somebody looks and presses nothing. The page works
/// without it, and its readers are spared a program.
const LIVE: &str = "let busy=false;\
setInterval(async()=>{const old=document.getElementById('live');\
if(busy||document.hidden||!old||old.querySelector(':active'))return;busy=true;\
const answer=await fetch(location.href).catch(()=>null);busy=false;if(!answer||!answer.ok)return;\
const page=new DOMParser().parseFromString(await answer.text(),'text/html').getElementById('live');\
if(!page||page.innerHTML===old.innerHTML||old.querySelector(':active'))return;\
const focused=document.activeElement&&document.activeElement.id;\
old.replaceWith(document.adoptNode(page));\
if(focused)document.getElementById(focused)?.focus()},1000)";

/// Why somebody is, or is not, online: for administrators.
#[component]
pub fn Admin() -> impl IntoView {
    let address = use_query_map();
    let asked = move || {
        let address = address.read();
        let user = address.get("user").and_then(|id| id.parse().ok());
        (address.get("q").unwrap_or_default(), user)
    };
    let page = Resource::new(asked, |(query, user)| async move {
        service()?.admin_page(query, user).await
    });
    when_loaded(page, || ().into_any(), admin_screen)
}

fn admin_screen(page: AdminPage) -> AnyView {
    let AdminPage {
        query: written,
        found,
        report,
        node,
        connections,
        people,
        past,
    } = page;
    let nobody = (!written.is_empty() && found.is_empty())
        .then(|| view! { <p class="secondary">"Nobody has a name like that."</p> });
    let links = found.into_iter().map(|person| found_link(&written, person));
    let links: Vec<_> = links.collect();
    view! {
        <Title text="Administration · Rollcall" />
        <main class="page admin" id="main">
            <header class="admin-head">
                <a class="brand" href="/" rel="external">
                    <Logo />
                </a>
                <h1>"Why are they online?"</h1>
            </header>
            <form class="admin-search" method="get" action="/admin" role="search">
                <input
                    type="search"
                    name="q"
                    value=query("q")
                    aria-label="Search a person by name or username"
                    placeholder="Name or username"
                    autocomplete="off"
                />
                <button type="submit" class="button primary">
                    "Search"
                </button>
            </form>
            <div id="live" class="admin-live">
                {nobody} <ul class="admin-found">{links}</ul>
                {report.map(|report| user_report(&written, report))}
                <section aria-labelledby="admin-server">
                    <h2 id="admin-server">"This server"</h2>
                    <p>
                        {format!("{connections} connections of {people} people at ")}
                        <code>{node.to_string()}</code>
                    </p>
                </section>
                <section aria-labelledby="admin-past">
                    <h2 id="admin-past">"What it announced last"</h2>
                    {past_table(past)}
                </section>
            </div>
            <script nonce=use_nonce()>{LIVE}</script>
        </main>
    }
    .into_any()
}

fn found_link(written: &str, person: Found) -> AnyView {
    let address = address_of(written, &person);
    view! {
        <li>
            <a href=address rel="external" id=format!("found-{}", person.user_id)>
                <bdi>{person.display_name}</bdi>
            </a>
            <span class="secondary">{format!(" @{}", person.username)}</span>
        </li>
    }
    .into_any()
}

fn address_of(written: &str, person: &Found) -> String {
    let mut address = format!("/admin?user={}", person.user_id);
    if !written.is_empty() {
        let written: String = form_urlencoded::byte_serialize(written.as_bytes()).collect();
        address.push_str("&q=");
        address.push_str(&written);
    }
    address
}

fn user_report(written: &str, report: UserReport) -> AnyView {
    let back = address_of(written, &report.person);
    let UserReport {
        person,
        online,
        shown_online,
        pending_offline_ms,
        rule,
        connections,
        sessions,
    } = report;
    let facts = [
        ("Online", yes_or_no(online).to_owned()),
        ("Shown online", yes_or_no(shown_online).to_owned()),
        ("Active connections", connections.len().to_string()),
        (
            "Offline in",
            pending_offline_ms.map_or_else(|| "–".to_owned(), span),
        ),
    ];
    let facts = facts.map(|(name, value)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    });
    let sockets: Vec<_> = connections
        .into_iter()
        .map(|socket| socket_row(&person, &back, socket))
        .collect();
    let sign_ins: Vec<_> = sessions
        .into_iter()
        .map(|sign_in| sign_in_row(&person, &back, sign_in))
        .collect();
    view! {
        <section class="admin-report" aria-labelledby="admin-person">
            <h2 id="admin-person">
                <bdi>{person.display_name.clone()}</bdi>
                <span class="secondary">{format!(" @{}", person.username)}</span>
            </h2>
            <p class="admin-rule" role="status">
                {rule}
            </p>
            <dl class="admin-facts">{facts.collect_view()}</dl>
            <div class="admin-table">
                <table>
                    <caption>"Connections"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Key"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Browser"</th>
                            <th scope="col">"Open for"</th>
                            <th scope="col">"Last activity"</th>
                            <th scope="col">"Last pong"</th>
                            <th scope="col">"Lease left"</th>
                            <th scope="col">"Server"</th>
                            <th scope="col">
                                <span class="visually-hidden">"Close"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{sockets}</tbody>
                </table>
            </div>
            <div class="admin-table">
                <table>
                    <caption>"Sign-ins"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Browser or program"</th>
                            <th scope="col">"Made"</th>
                            <th scope="col">
                                <span class="visually-hidden">"End"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{sign_ins}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn socket_row(person: &Found, back: &str, socket: SocketReport) -> AnyView {
    let pong = socket.since_pong_ms.map_or_else(|| "–".to_owned(), ago);
    view! {
        <tr>
            <td>
                <code>{socket.key.clone()}</code>
            </td>
            <td>{socket.state}</td>
            <td>
                <bdi>{socket.browser}</bdi>
            </td>
            <td>{span(socket.age_ms)}</td>
            <td>{ago(socket.since_activity_ms)}</td>
            <td>{pong}</td>
            <td>{span(socket.lease_remaining_ms)}</td>
            <td>
                <code>{end_of(&socket.node_id.to_string())}</code>
            </td>
            <td>
                <form method="post" action="/admin/close">
                    <input type="hidden" name="user" value=person.user_id.to_string() />
                    <input type="hidden" name="handle" value=socket.handle.clone() />
                    <input type="hidden" name="back" value=back.to_owned() />
                    <button
                        type="submit"
                        class="button"
                        id=format!("close-{}", socket.handle)
                        aria-label=format!("Close connection {}", socket.key)
                    >
                        "Close"
                    </button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

fn sign_in_row(person: &Found, back: &str, sign_in: SignInReport) -> AnyView {
    view! {
        <tr>
            <td>
                <bdi>{sign_in.browser}</bdi>
            </td>
            <td>{ago(sign_in.age_ms)}</td>
            <td>
                <form method="post" action="/admin/end-session">
                    <input type="hidden" name="user" value=person.user_id.to_string() />
                    <input type="hidden" name="session" value=sign_in.session_id.to_string() />
                    <input type="hidden" name="back" value=back.to_owned() />
                    <button
                        type="submit"
                        class="button"
                        id=format!("end-{}", sign_in.session_id)
                    >
                        "End"
                    </button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

fn past_table(past: Vec<Past>) -> AnyView {
    if past.is_empty() {
        return view! { <p class="secondary">"Nothing yet."</p> }.into_any();
    }
    let rows: Vec<_> = past
        .into_iter()
        .map(|past| {
            let name = match past.person {
                Some(person) => person.display_name,
                None => end_of(&past.user_id.to_string()),
            };
            let what = match (past.was_online, past.is_online) {
                (false, true) => "online",
                (true, false) => "offline",
                _ => "status",
            };
            view! {
                <tr>
                    <td>
                        <bdi>{name}</bdi>
                    </td>
                    <td>{what}</td>
                    <td>{past.reason}</td>
                    <td>{ago(past.age_ms)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="admin-table">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Became"</th>
                        <th scope="col">"Because"</th>
                        <th scope="col">"When"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

const fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// The end of an id, which is random (RFC 9562 §5.7).
fn end_of(id: &str) -> String {
    format!("…{}", &id[id.len().saturating_sub(4)..])
}

fn ago(millis: u64) -> String {
    match millis {
        0..1_000 => "now".to_owned(),
        _ => format!("{} ago", span(millis)),
    }
}

/// A time in the largest unit that it fills.
fn span(millis: u64) -> String {
    let seconds = Duration::from_millis(millis).as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_largest_unit_that_it_fills() {
        let told = [0, 59_999, 60_000, 3_599_999, 3_600_000, 86_400_000].map(span);
        assert_eq!(told, ["0 s", "59 s", "1 min", "59 min", "1 h", "1 d"]);
        assert_eq!([999, 1_000].map(ago), ["now", "1 s ago"]);
    }
}
