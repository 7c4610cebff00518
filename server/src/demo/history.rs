//! What the people of the demo have said so far.

pub(super) const JANE: &str = "jane";
pub(super) const JOHN: &str = "john";
pub(super) const BOB: &str = "bob";

/// A chat of the demo.
pub(super) struct Script {
    pub name: &'static str,
    pub topic: &'static str,
    pub members: &'static [&'static str],
    /// How many of the newest messages nobody has read yet.
    pub unread: usize,
    pub days: &'static [Day],
}

/// One day's talk: who said what.
pub(super) struct Day {
    /// How many days ago.
    pub ago: i64,
    pub lines: &'static [(&'static str, &'static str)],
}

/// The chats, each with its history, oldest first.
pub(super) const CHATS: &[Script] = &[
    Script {
        name: "general",
        topic: "Task: Update documentation",
        members: &[JANE, JOHN, BOB],
        unread: 0,
        days: &[
            Day {
                ago: 4,
                lines: GENERAL_MONDAY,
            },
            Day {
                ago: 3,
                lines: GENERAL_TUESDAY,
            },
            Day {
                ago: 2,
                lines: GENERAL_WEDNESDAY,
            },
            Day {
                ago: 1,
                lines: GENERAL_THURSDAY,
            },
            Day {
                ago: 0,
                lines: GENERAL_TODAY,
            },
        ],
    },
    Script {
        name: "design",
        topic: "Calm, dense, readable",
        members: &[JANE, BOB],
        unread: 4,
        days: &[
            Day {
                ago: 2,
                lines: DESIGN_FIRST,
            },
            Day {
                ago: 1,
                lines: DESIGN_SECOND,
            },
        ],
    },
    Script {
        name: "docs",
        topic: "One page per question",
        members: &[JANE, JOHN, BOB],
        unread: 0,
        days: &[
            Day {
                ago: 3,
                lines: DOCS_FIRST,
            },
            Day {
                ago: 0,
                lines: DOCS_SECOND,
            },
        ],
    },
    Script {
        name: "release-train",
        topic: "Every second Tuesday",
        members: &[JANE, JOHN],
        unread: 0,
        days: &[
            Day {
                ago: 5,
                lines: RELEASE_FIRST,
            },
            Day {
                ago: 1,
                lines: RELEASE_SECOND,
            },
        ],
    },
];

const GENERAL_MONDAY: &[(&str, &str)] = &[
    (
        JANE,
        "Good morning! Short week, so let's keep the list short too.",
    ),
    (
        JANE,
        "One goal: the documentation matches what the product does, page by page.",
    ),
    (
        JOHN,
        "Morning. I have the install guide open already, it still says four steps.",
    ),
    (BOB, "It is two now. Has been since spring."),
    (JOHN, "That is what I mean :)"),
    (
        JANE,
        "John, would you take everything under Install and Configure?",
    ),
    (
        JOHN,
        "Yes. I'd like somebody who has never installed it to read along.",
    ),
    (
        BOB,
        "My sister starts at her new job on Thursday and they want a chat. She'd be perfect.",
    ),
    (
        JANE,
        "Ask her! I'll take Presence, people keep asking how we decide that.",
    ),
    (
        BOB,
        "And I do the pictures. All of them show the old sidebar.",
    ),
    (JANE, "Great, that's all three of us busy."),
    (JOHN, "Do we keep the FAQ?"),
    (JANE, "Only the questions that somebody really asked."),
    (BOB, "So, two of them."),
    (JOHN, "Then they can live on the first page."),
    (JANE, "Agreed. I'll move them."),
];

const GENERAL_TUESDAY: &[(&str, &str)] = &[
    (
        JOHN,
        "Install is down to one screen. Could one of you try it on a clean machine?",
    ),
    (BOB, "Trying."),
    (BOB, "Worked. Took a coffee and a half, mostly compiling."),
    (JOHN, "Did it say so while you waited?"),
    (
        BOB,
        "It did: what it builds and about how long. I knew when to get the coffee.",
    ),
    (JANE, "That line was worth writing, then."),
    (JOHN, "One thing I stumbled over: where do the data live?"),
    (
        JANE,
        "In ./data, one file and a key. Should be the first sentence of Back-up.",
    ),
    (JOHN, "Adding it."),
    (
        BOB,
        "Question from my sister: \"Why does it say I'm online when I closed the laptop?\"",
    ),
    (
        JANE,
        "Because closing a laptop tells nobody anything. The server notices after a minute.",
    ),
    (
        BOB,
        "She says that is an honest answer and she'd like to read it on the page.",
    ),
    (JANE, "Ha. It's on the page now."),
    (
        JOHN,
        "Could we say the numbers? Ping every 30 seconds, closed after 60 of silence.",
    ),
    (
        JANE,
        "Yes, with what each one is for. People change numbers they don't understand.",
    ),
    (BOB, "I certainly do."),
    (JANE, "We know, Bob."),
    (
        BOB,
        "The sidebar pictures are done, light and dark. Phone tomorrow.",
    ),
];

const GENERAL_WEDNESDAY: &[(&str, &str)] = &[
    (
        BOB,
        "Phone pictures are in. The member list as a drawer looks better than I feared.",
    ),
    (JOHN, "It does. Is the text readable at 360 pixels?"),
    (
        BOB,
        "Yes, I checked with my own phone and my own eyes. Both are old.",
    ),
    (
        JANE,
        "Can we have one with a long name in it? Somebody always has a long name.",
    ),
    (
        BOB,
        "Maximiliane-Antoinette Featherstonehaugh-Cholmondeley is in the second one.",
    ),
    (JOHN, "Where does it break?"),
    (BOB, "At the hyphens, as it should."),
    (JANE, "Lovely."),
    (
        JOHN,
        "I went through every setting today and wrote down what happens if it's wrong.",
    ),
    (
        JOHN,
        "The server says the name of the setting and where it found it. Makes the page short.",
    ),
    (
        JANE,
        "That's the best kind of documentation, the kind one doesn't need.",
    ),
    (BOB, "Write that on a mug."),
    (JOHN, "Should durations be shown as 3s or as 3 seconds?"),
    (JANE, "As one types them: 3s."),
    (JOHN, "Done."),
    (
        JANE,
        "I rewrote the presence page for the third time. It's ten lines now.",
    ),
    (BOB, "Ten lines for all of it?"),
    (
        JANE,
        "What counts as a connection, what grace is for, what a refresh does. Nothing else.",
    ),
    (
        JOHN,
        "Read it. I understood it, which I take as a good sign.",
    ),
    (JANE, "From you that's a review. Thank you!"),
];

const GENERAL_THURSDAY: &[(&str, &str)] = &[
    (
        BOB,
        "Report from my sister's first day: nine people, installed before lunch.",
    ),
    (JANE, "Wonderful! Anything that went wrong?"),
    (
        BOB,
        "She looked for \"invite\" under Settings. It's under the workspace name.",
    ),
    (
        JOHN,
        "The page says workspace menu. Should I say where that is?",
    ),
    (JANE, "A picture would say it faster. Bob?"),
    (BOB, "Ten minutes."),
    (BOB, "There: https://flowra.example/docs/invite"),
    (JOHN, "Good. And they found the link right after?"),
    (
        BOB,
        "Yes. One of them opened it in three browsers and is very proud of being online thrice.",
    ),
    (JANE, "Still counts as one person :)"),
    (JOHN, "As it should be."),
    (
        JANE,
        "What's left? I have: back-up, upgrading, and the page about notifications.",
    ),
    (
        JOHN,
        "Back-up is half done. I want to try a restore before I claim that it works.",
    ),
    (BOB, "Radical."),
    (JOHN, "I've been burnt."),
    (
        JANE,
        "Take the time. Upgrading can wait until the release is out.",
    ),
];

const GENERAL_TODAY: &[(&str, &str)] = &[
    (
        JOHN,
        "Restore works. Killed it in the middle of a message on purpose.",
    ),
    (JANE, "And?"),
    (
        JOHN,
        "Everything that had been acknowledged was there. The one in flight came once, after.",
    ),
    (BOB, "So it does what the page says."),
    (
        JOHN,
        "It does what the page says now. Yesterday the page said less.",
    ),
    (
        JANE,
        "I'm reading it from start to end this afternoon. Speak up if something is still moving.",
    ),
    (BOB, "Only a comma in Presence."),
    (JANE, "Leave me my commas, Bob."),
    (BOB, "One. I took one."),
    (
        JOHN,
        "For the list: the link to the protocol on the last page goes nowhere.",
    ),
    (JANE, "Fixed, thanks. Then we're nearly there!"),
];

const DESIGN_FIRST: &[(&str, &str)] = &[
    (
        BOB,
        "Three greys for the surfaces, hairlines between them, and one accent. That's all.",
    ),
    (JANE, "And green means online, nowhere else?"),
    (
        BOB,
        "Nowhere else. Not on buttons, not on success messages.",
    ),
    (JANE, "What about people who can't tell green from red?"),
    (
        BOB,
        "Shapes: a filled disc, a hollow ring, a dashed one when we don't know.",
    ),
    (
        JANE,
        "I like that \"we don't know\" has a shape of its own.",
    ),
];

const DESIGN_SECOND: &[(&str, &str)] = &[
    (
        JANE,
        "The list jumped under my pointer when somebody came online. I nearly wrote to Bob.",
    ),
    (BOB, "Rude. It waits now until the pointer has left."),
    (
        JANE,
        "Feels right. The typing row keeps its height too, thank you for that.",
    ),
    (BOB, "Nothing moves that you didn't touch. New house rule."),
];

const DOCS_FIRST: &[(&str, &str)] = &[
    (
        JOHN,
        "Proposal: every page answers one question, and the question is its title.",
    ),
    (JANE, "\"How do I move to another machine?\" Like that?"),
    (JOHN, "Exactly like that."),
    (
        BOB,
        "Then the pictures need questions as well: \"Where do I click?\"",
    ),
    (JOHN, "That one answers itself, if the picture is any good."),
];

const DOCS_SECOND: &[(&str, &str)] = &[
    (
        JOHN,
        "Spelling pass done. We wrote set up, setup and set-up, all on one page.",
    ),
    (JANE, "Which one won?"),
    (JOHN, "\"Install\"."),
];

const RELEASE_FIRST: &[(&str, &str)] = &[
    (JANE, "Next train leaves on Tuesday. Who is on it?"),
    (JOHN, "The new documentation, if Friday goes well."),
    (JANE, "No pressure. There is always another train."),
    (JOHN, "That is the nicest thing about trains."),
];

const RELEASE_SECOND: &[(&str, &str)] = &[
    (JOHN, "Docs are on the train."),
    (
        JANE,
        "I'll write the notes. Three sentences, one of them about presence.",
    ),
    (JOHN, "Only one?"),
    (JANE, "It's a long one."),
];
