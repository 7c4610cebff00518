mod browser;

use super::{
    door::query,
    loaded::{load, when_loaded},
};
use crate::{
    components::{Logo, PageTitle},
    page::admin::{
        AdminPage, HeldReport, NodeReport, Past, SignInReport, SocketReport, UserReport, redacted,
    },
    service::service,
};
use browser::browser_name;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_router::hooks::use_query_map;
use protocol::{User, UserId};
use std::time::Duration;

/// Shows the page anew each second, as long as somebody looks and presses nothing, and says since when
/// it cannot. The page works without it, and its readers are spared a program.
const LIVE: &str = "let busy=false,known=new Date();\
const tell=why=>{const stale=document.getElementById('stale');stale.hidden=!why;\
const told=why&&`Last known at ${known.toLocaleTimeString()}: ${why}.`;\
if(stale.textContent!==told)stale.textContent=told};\
setInterval(async()=>{const old=document.getElementById('live');\
if(busy||document.hidden||!old||old.querySelector(':active'))return;busy=true;\
const answer=await fetch(location.href,{signal:AbortSignal.timeout(5000)})\
.then(async it=>({status:it.status,text:await it.text()})).catch(()=>null);busy=false;\
if(!answer||![200,404].includes(answer.status))return tell('the server does not answer');\
const page=new DOMParser().parseFromString(answer.text,'text/html').getElementById('live');\
if(!page)return tell('you are signed out, or no administrator any more');\
known=new Date();tell('');\
if(page.innerHTML===old.innerHTML||old.querySelector(':active'))return;\
const focused=document.activeElement&&document.activeElement.id;\
const scrolled=[...old.querySelectorAll('.admin-table')].map(it=>[it.id,it.scrollLeft]);\
old.replaceWith(document.adoptNode(page));\
for(const[id,left]of scrolled){const it=document.getElementById(id);if(it)it.scrollLeft=left}\
if(focused)document.getElementById(focused)?.focus({preventScroll:true})},1000)";

/// Why somebody is, or is not, online: for administrators.
#[component]
pub fn Admin() -> impl IntoView {
    let address = use_query_map();
    let asked = move || {
        let address = address.read();
        let user = address.get("user").and_then(|id| id.parse().ok());
        (address.get("q").unwrap_or_default(), user)
    };
    let page = load(asked, |(query, user)| async move {
        service()?.admin_page(query, user).await
    });
    when_loaded(page, || ().into_any(), admin_screen)
}

fn admin_screen(page: AdminPage) -> AnyView {
    let AdminPage {
        query: written,
        found,
        report,
        nodes,
        past,
    } = page;
    let nobody = (!written.is_empty() && found.is_empty())
        .then(|| view! { <p class="secondary">"Nobody has a name like that."</p> });
    let links = found.into_iter().map(|person| found_link(&written, person));
    let links: Vec<_> = links.collect();
    view! {
        <PageTitle text="Administration · Rollcall" />
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
            <p id="stale" class="admin-stale" role="status" hidden=true></p>
            <div id="live" class="admin-live">
                {nobody} <ul class="admin-found">{links}</ul>
                {report.map(|report| match report {
                    Ok(report) => user_report(&written, report),
                    Err(why) => view! { <p class="admin-stale">{why}</p> }.into_any(),
                })}
                <section aria-labelledby="admin-servers">
                    <h2 id="admin-servers">"Servers"</h2>
                    {node_tables(&written, nodes)}
                </section>
                <section aria-labelledby="admin-past">
                    <h2 id="admin-past">"What this one announced last"</h2>
                    {past_table(past)}
                </section>
            </div>
            <script nonce=use_nonce()>{LIVE}</script>
        </main>
    }
    .into_any()
}

fn found_link(written: &str, person: User) -> AnyView {
    let address = address_of(written, person.user_id);
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

fn address_of(written: &str, user: UserId) -> String {
    let mut address = format!("/admin?user={user}");
    if !written.is_empty() {
        let written: String = form_urlencoded::byte_serialize(written.as_bytes()).collect();
        address.push_str("&q=");
        address.push_str(&written);
    }
    address
}

fn user_report(written: &str, report: UserReport) -> AnyView {
    let back = address_of(written, report.person.user_id);
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
            {table(
                "admin-connections",
                Some("Connections"),
                &[
                    "Key",
                    "State",
                    "Browser",
                    "Open for",
                    "Last activity",
                    "Last pong",
                    "Lease left",
                    "Server",
                ],
                Some("Close"),
                sockets,
            )}
            <p class="secondary">
                "A server pings only what is silent. What is answered at other servers is not known here."
            </p>
            {table(
                "admin-sign-ins",
                Some("Sign-ins"),
                &["Browser or program", "Made"],
                Some("End"),
                sign_ins,
            )}
        </section>
    }
    .into_any()
}

/// A table, whose last column may be one of buttons. What is too wide for the screen is scrolled, by the
/// keyboard as well (WCAG 2.2, 2.1.1). It is named by its caption, or else by a heading of that id.
fn table(
    named_by: &'static str,
    caption: Option<&'static str>,
    heads: &[&'static str],
    buttons: Option<&'static str>,
    rows: Vec<AnyView>,
) -> AnyView {
    let caption = caption.map(|caption| view! { <caption id=named_by>{caption}</caption> });
    let heads = heads
        .iter()
        .map(|head| view! { <th scope="col">{*head}</th> });
    let heads: Vec<_> = heads.collect();
    let buttons = buttons.map(|what| {
        view! {
            <th scope="col">
                <span class="visually-hidden">{what}</span>
            </th>
        }
    });
    view! {
        <div
            class="admin-table"
            id=format!("{named_by}-table")
            role="region"
            aria-labelledby=named_by
            tabindex="0"
        >
            <table aria-labelledby=named_by>
                {caption} <thead>
                    <tr>{heads} {buttons}</tr>
                </thead> <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A button that does something about somebody, and leads back here.
fn deed(
    action: &'static str,
    person: &User,
    what: (&'static str, String),
    back: &str,
    button: impl IntoView,
) -> AnyView {
    let (name, value) = what;
    view! {
        <form method="post" action=action>
            <input type="hidden" name="user" value=person.user_id.to_string() />
            <input type="hidden" name=name value=value />
            <input type="hidden" name="back" value=back.to_owned() />
            {button.into_any()}
        </form>
    }
    .into_any()
}

fn socket_row(person: &User, back: &str, socket: SocketReport) -> AnyView {
    let browser = browser_name(&socket.browser);
    let pong = socket.since_pong_ms.map_or_else(|| "–".to_owned(), ago);
    let button = view! {
        <button
            type="submit"
            class="button"
            id=format!("close-{}", socket.handle)
            aria-label=format!("Close connection {}", socket.key)
        >
            "Close"
        </button>
    };
    view! {
        <tr>
            <td>
                <code>{socket.key}</code>
            </td>
            <td>{socket.state}</td>
            <td>
                <bdi title=socket.browser>{browser}</bdi>
            </td>
            <td>{span(socket.age_ms)}</td>
            <td>{ago(socket.since_activity_ms)}</td>
            <td>{pong}</td>
            <td>{span(socket.lease_remaining_ms)}</td>
            <td>
                <code>{redacted(&socket.node_id.to_string())}</code>
            </td>
            <td>{deed("/admin/close", person, ("handle", socket.handle), back, button)}</td>
        </tr>
    }
    .into_any()
}

fn sign_in_row(person: &User, back: &str, sign_in: SignInReport) -> AnyView {
    let session = sign_in.session_id.to_string();
    let browser = browser_name(&sign_in.browser);
    let button = view! {
        <button type="submit" class="button" id=format!("end-{session}")>
            "End"
        </button>
    };
    view! {
        <tr>
            <td>
                <bdi title=sign_in.browser>{browser}</bdi>
            </td>
            <td>{ago(sign_in.age_ms)}</td>
            <td>{deed("/admin/end-session", person, ("session", session), back, button)}</td>
        </tr>
    }
    .into_any()
}

/// The servers, and what the one that answers holds.
fn node_tables(written: &str, nodes: Vec<NodeReport>) -> AnyView {
    let mut held = Vec::new();
    let mut rows = Vec::new();
    for node in nodes {
        rows.push(node_row(&node));
        held.extend(node.connections);
    }
    let held = held.into_iter().map(|held| held_row(written, held));
    let held: Vec<_> = held.collect();
    view! {
        {table("admin-servers", None, &["Server", "Connections", "People", "Counted"], None, rows)}
        {table(
            "admin-held",
            Some("Opened first, of those at this server"),
            &["Key", "Whose", "State"],
            None,
            held,
        )}
    }
    .into_any()
}

fn node_row(node: &NodeReport) -> AnyView {
    view! {
        <tr>
            <td>
                <code>{node.node_id.to_string()}</code>
            </td>
            <td>{node.connection_count}</td>
            <td>{node.people}</td>
            <td>{ago(node.age_ms)}</td>
        </tr>
    }
    .into_any()
}

fn held_row(written: &str, held: HeldReport) -> AnyView {
    view! {
        <tr>
            <td>
                <a
                    href=address_of(written, held.user_id)
                    rel="external"
                    id=format!("held-{}", held.handle)
                >
                    <code>{held.key}</code>
                </a>
            </td>
            <td>
                <bdi>{held.name}</bdi>
            </td>
            <td>{held.state}</td>
        </tr>
    }
    .into_any()
}

fn past_table(past: Vec<Past>) -> AnyView {
    if past.is_empty() {
        return view! { <p class="secondary">"Nothing yet."</p> }.into_any();
    }
    let row = |past: Past| {
        let what = match (past.was_online, past.is_online) {
            (false, true) => "online",
            (true, false) => "offline",
            _ => "status",
        };
        view! {
            <tr>
                <td>
                    <bdi>{past.name}</bdi>
                </td>
                <td>{what}</td>
                <td>{past.reason}</td>
                <td>{ago(past.age_ms)}</td>
            </tr>
        }
        .into_any()
    };
    let rows = past.into_iter().map(row).collect();
    table(
        "admin-past",
        None,
        &["Who", "Became", "Because", "When"],
        None,
        rows,
    )
}

const fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
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
