//! What happens, in order.

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
    /// All of these end.
    Recover {
        node: usize,
    },
    /// The store forgets everything.
    Flush,
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
        let steps = (0..count).map(|_| Step::random(&mut random)).collect();
        Self { seed, steps }
    }
}

impl Step {
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
                by_ms: random.random_range(1..200),
            },
            59..63 => Self::Recover { node },
            63..65 => Self::Flush,
            65..67 => Self::Save,
            67..68 => Self::Restore,
            68..71 => Self::Kill { node },
            71..90 => Self::Wait(random.random_range(1..1_000)),
            _ => Self::Wait(random.random_range(1_000..10_000)),
        }
    }
}
