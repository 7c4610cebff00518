//! What people hear who cannot see the indicator.

use crate::tab::{SECOND, Tab};
use connection::{Announcement, Backoff, Effect, Event, Settings, Toast};

fn heard(tab: &Tab) -> Vec<Announcement> {
    tab.effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Announce(announcement) => Some(*announcement),
            _ => None,
        })
        .collect()
}

fn come_back(tab: &mut Tab) {
    tab.opened();
    tab.welcome(true);
}

#[test]
fn a_first_connection_is_not_announced() {
    let mut tab = Tab::connecting();
    tab.wait(9 * SECOND);
    come_back(&mut tab);
    assert_eq!(heard(&tab), []);
}

#[test]
fn a_loss_of_less_than_two_seconds_is_not_announced() {
    let mut tab = Tab::backoff();
    tab.wait(2 * SECOND - 1);
    come_back(&mut tab);
    tab.settle();
    assert_eq!(heard(&tab), []);
}

#[test]
fn a_loss_is_announced_once_it_lasts_two_seconds_and_then_that_it_is_over() {
    let mut tab = Tab::backoff();
    tab.wait(2 * SECOND - 1);
    assert_eq!(heard(&tab), []);
    tab.wait(1);
    assert_eq!(heard(&tab), [Announcement::Lost]);
    for _ in 0..5 {
        tab.wait(SECOND);
        if let Some(live) = tab.phase().generation() {
            tab.take(Event::Failed(live));
        }
    }
    assert_eq!(heard(&tab), [Announcement::Lost], "attempts are not news");
    tab.wait(60 * SECOND);
    tab.take(Event::Click);
    come_back(&mut tab);
    assert_eq!(heard(&tab), [Announcement::Lost, Announcement::Restored]);
}

#[test]
fn short_losses_add_up_until_the_connection_is_stable() {
    let mut tab = Tab::backoff();
    tab.wait(SECOND);
    come_back(&mut tab);
    tab.lose();
    assert_eq!(heard(&tab), []);
    tab.wait(SECOND);
    assert_eq!(heard(&tab), [Announcement::Lost]);

    let mut tab = Tab::backoff();
    tab.wait(SECOND);
    come_back(&mut tab);
    tab.settle();
    tab.lose();
    tab.wait(SECOND);
    assert_eq!(heard(&tab), []);
}

#[test]
fn being_offline_is_announced_and_polls_are_not() {
    let mut tab = Tab::backoff();
    tab.take(Event::Offline);
    tab.wait(2 * SECOND);
    assert_eq!(heard(&tab), [Announcement::Offline]);
    for _ in 0..5 {
        tab.wait(30 * SECOND);
        tab.take(Event::Failed(tab.generation()));
    }
    assert_eq!(heard(&tab), [Announcement::Offline]);
    tab.take(Event::NetworkOnline);
    tab.wait(SECOND);
    come_back(&mut tab);
    assert_eq!(heard(&tab), [Announcement::Offline, Announcement::Restored]);
}

#[test]
fn giving_up_within_two_seconds_is_told_after_them() {
    let mut tab = Tab::with(Settings {
        backoff: Backoff::Fixed {
            delays_ms: vec![100],
        },
        attempts: 1,
        ..Settings::default()
    });
    tab.take(Event::Start);
    come_back(&mut tab);
    tab.settle();
    tab.lose();
    tab.wait(100);
    tab.take(Event::Failed(tab.generation()));
    assert_eq!(heard(&tab), []);
    let effects = tab.wait(1_900);
    assert_eq!(
        effects,
        [
            Effect::Toast(Toast::GaveUp),
            Effect::Announce(Announcement::GaveUp)
        ]
    );
}

#[test]
fn who_comes_back_to_a_frozen_or_hidden_page_does_not_hear_of_a_loss_they_did_not_see() {
    let mut tab = Tab::stable();
    tab.take(Event::PageHide);
    tab.pass(600 * SECOND);
    tab.take(Event::PageShow);
    tab.wait(SECOND);
    come_back(&mut tab);

    tab.settle();
    tab.take(Event::Hidden);
    tab.wait(10 * SECOND);
    tab.lose();
    tab.wait(30 * SECOND);
    tab.take(Event::Visible);
    tab.wait(SECOND);
    come_back(&mut tab);
    assert_eq!(heard(&tab), []);
}

#[test]
fn a_loss_that_began_just_before_the_page_was_frozen_is_not_told_on_return() {
    let mut tab = Tab::backoff();
    tab.wait(500);
    tab.take(Event::PageHide);
    tab.pass(600 * SECOND);
    tab.take(Event::PageShow);
    tab.wait(SECOND);
    come_back(&mut tab);
    assert_eq!(heard(&tab), []);
}

#[test]
fn what_is_said_is_a_sentence() {
    assert_eq!(Announcement::Lost.text(), "Connection lost. Reconnecting.");
    assert_eq!(Announcement::Offline.text(), "You are offline.");
    assert_eq!(Announcement::GaveUp.text(), Toast::GaveUp.text());
    assert_eq!(Announcement::Restored.text(), "Connection restored.");
}
