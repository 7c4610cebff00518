//! What happens, in order.

use crate::store::PARTS;
use protocol::Mode;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

pub(crate) const NODES: usize = 3;
pub(crate) const USERS: usize = 4;
pub(crate) const SESSIONS: usize = 2;

/// What happens, in order. The seed also decides what is left to chance while it does.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A tab opens; each of a user's sessions has its own.
    Open {
        node: usize,
        user: usize,
    },
    /// One of the open tabs closes, whichever this picks.
    Close {
        pick: usize,
    },
    /// One of the open tabs falls silent without a word.
    Vanish {
        pick: usize,
    },
    /// One of the open tabs is closed, and its session opens another one elsewhere a little later.
    Move {
        pick: usize,
        node: usize,
        after_ms: u64,
    },
    /// The person in front of one of the open tabs does something.
    Input {
        pick: usize,
    },
    /// A user chooses, at whichever node, whether to be disturbed.
    Choose {
        node: usize,
        user: usize,
        mode: Mode,
    },
    /// A session signs out.
    SignOut {
        node: usize,
        user: usize,
        session: usize,
    },
    /// Nothing passes between a node and the store.
    Cut {
        node: usize,
    },
    Mend {
        node: usize,
    },
    /// What a node writes next is written, and it never hears so.
    LoseAnswer {
        node: usize,
    },
    /// A node is not told what others announce, and does not know it.
    LoseNews {
        node: usize,
    },
    Slow {
        node: usize,
        by_ms: u64,
    },
    /// What others announce arrives late and in another order.
    Jumble {
        node: usize,
        by_ms: u64,
    },
    /// A node's process is stopped, and goes on.
    Stop {
        node: usize,
    },
    Continue {
        node: usize,
    },
    /// All of these end.
    Recover {
        node: usize,
    },
    /// The store forgets everything, or a part of it does.
    Flush,
    FlushPart {
        part: usize,
    },
    /// The store's clock is set.
    SetForward {
        by_ms: u64,
    },
    SetBack {
        by_ms: u64,
    },
    /// The store keeps a copy, and is later started again with it.
    Save,
    Restore,
    /// A node dies with all its tabs, and another one takes its place.
    Kill {
        node: usize,
    },
    /// Milliseconds pass.
    Wait(u64),
}

impl Schedule {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let count = random.random_range(10..60);
        let mut steps: Vec<_> = (0..count).map(|_| Step::random(&mut random)).collect();
        // A clock that is set there and back unseen, while something is lost, is beyond repair.
        let mut is_set = false;
        steps.retain(|step| !step.sets_the_clock() || !std::mem::replace(&mut is_set, true));
        Self { seed, steps }
    }
}

/// By so many milliseconds a clock is set: a little, or an hour.
fn clock(random: &mut StdRng) -> u64 {
    if random.random() {
        3_600_000
    } else {
        random.random_range(2_000..20_000)
    }
}

impl Step {
    const fn sets_the_clock(self) -> bool {
        matches!(self, Self::SetForward { .. } | Self::SetBack { .. })
    }

    fn random(random: &mut StdRng) -> Self {
        let node = random.random_range(0..NODES);
        let user = random.random_range(0..USERS);
        let pick = random.random_range(0..100);
        match random.random_range(0..100) {
            0..20 => Self::Open { node, user },
            20..28 => Self::Close { pick },
            28..32 => Self::Vanish { pick },
            32..42 => Self::Move {
                pick,
                node,
                after_ms: random.random_range(0..1_200),
            },
            42..45 => Self::SignOut {
                node,
                user,
                session: random.random_range(0..SESSIONS),
            },
            45..49 => Self::Cut { node },
            49..53 => Self::Mend { node },
            53..55 => Self::LoseAnswer { node },
            55..57 => Self::LoseNews { node },
            57..59 => Self::Slow {
                node,
                by_ms: random.random_range(1..250),
            },
            59..61 => Self::Jumble {
                node,
                by_ms: random.random_range(1..3_000),
            },
            61..64 => Self::Recover { node },
            64..65 => Self::Flush,
            65..66 => Self::FlushPart {
                part: random.random_range(0..PARTS),
            },
            66..68 => Self::Save,
            68..69 => Self::Restore,
            69..72 => Self::Kill { node },
            72..74 => Self::Stop { node },
            74..77 => Self::Continue { node },
            77..78 => Self::SetForward {
                by_ms: clock(random),
            },
            78..79 => Self::SetBack {
                by_ms: clock(random),
            },
            79..81 => Self::Input { pick },
            81..83 => Self::Choose {
                node,
                user,
                mode: if random.random() {
                    Mode::Dnd
                } else {
                    Mode::Automatic
                },
            },
            83..92 => Self::Wait(random.random_range(1..1_000)),
            _ => Self::Wait(random.random_range(1_000..10_000)),
        }
    }
}
