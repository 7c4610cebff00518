//! What people do.

use crate::{
    cli::Load,
    clock::Clock,
    company::{Company, Failure, GRACE},
    crowd::Member,
    floor::BEAT_INTERVAL,
    progress::Progress,
    report::{Aim, Figure, Report, percentiles},
    schedule::{self, Trip},
    script::{Course, Turn},
    stage::{AT_ONCE, STORM, Stage},
    verdict::Verdict,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// Until the first of what was scheduled happens.
const LEAD: Duration = Duration::from_millis(500);
/// So long somebody stays away: others are told that they have gone.
const AWAY: Duration = GRACE.saturating_add(Duration::from_secs(3));
/// Whoever came late leaves late, and stays away for this long at least.
const AWAY_AT_LEAST: Duration = GRACE.saturating_add(Duration::from_secs(1));
/// Times that everybody comes and goes.
const CYCLES: usize = 10;
/// Memory is flat that grows by less than this share: an allocator keeps now more, now less.
const FLAT: f64 = 0.1;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    Idle,
    Churn,
    Typing,
    JoinStorm,
    ReconnectStorm,
    Snapshots,
    BigRoom,
    Cycles,
}

impl Scenario {
    /// Each, in the order in which all are measured.
    pub(crate) const ALL: [Self; 8] = [
        Self::Idle,
        Self::Churn,
        Self::Typing,
        Self::JoinStorm,
        Self::ReconnectStorm,
        Self::Snapshots,
        Self::BigRoom,
        Self::Cycles,
    ];

    /// As the command line names it.
    const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Churn => "churn",
            Self::Typing => "typing",
            Self::JoinStorm => "join-storm",
            Self::ReconnectStorm => "reconnect-storm",
            Self::Snapshots => "snapshots",
            Self::BigRoom => "big-room",
            Self::Cycles => "cycles",
        }
    }

    /// Measures it.
    pub(crate) async fn measure(
        self,
        load: &Load,
        company: &mut Company,
        progress: Progress,
    ) -> Result<Report, Failure> {
        let mut load = load.clone();
        if self == Self::BigRoom {
            load.room = u32::try_from(load.people())?;
        }
        let mut stage = Stage::set(self.name(), &load, company, progress).await?;
        let span = Duration::from_secs(load.seconds.into());
        let rate = f64::from(load.rate);
        match self {
            Self::Idle => idle(&mut stage, span).await?,
            Self::Churn | Self::BigRoom => churn(&mut stage, span).await?,
            Self::Typing => typing(&mut stage, span, rate).await?,
            Self::JoinStorm => join_storm(&mut stage).await?,
            Self::ReconnectStorm => reconnect_storm(&mut stage).await?,
            Self::Snapshots => snapshots(&mut stage, span, rate).await?,
            Self::Cycles => cycles(&mut stage).await?,
        }
        stage.end().await
    }
}

/// Clients that connected together send their heartbeats together, too: a part of an interval has too many or
/// too few of them. It lasts whole intervals, `span` at least.
async fn idle(stage: &mut Stage, span: Duration) -> Result<(), Failure> {
    let interval = BEAT_INTERVAL.as_secs();
    let span = Duration::from_secs(span.as_secs().div_ceil(interval).max(1) * interval);
    stage.report.seconds = span.as_secs();
    stage.open(AT_ONCE).await?;
    stage.steady();
    let before = stage.used()?;
    stage.wait("idle", span).await;
    let costs = stage.since(before)?;
    let resident = stage.resident_kib()?;
    let verdict = stage.judge(stage.crowd.clock.now()).await;
    stage.blame(&verdict);
    let sockets = stage.crowd.members.len();
    let floor = stage.bare_loop().await?;
    let before = floor.process.cpu()?;
    stage.wait("the bare loop", span).await;
    let of_floor = floor.process.cpu()? - before;
    let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / span.as_secs_f64() / sockets as f64;
    stage.report.add(
        Figure::new("CPU per idle connection and second", each(costs.cpu), "µs")
            .beside(each(of_floor))
            .aim(Aim::Measured(2.3)),
    );
    let after = "Resident memory per connection, after heartbeats";
    stage.report.figures.extend([
        Figure::new(after, resident, "KiB").aim(Aim::Measured(8.0)),
        Figure::new("Frames observed", costs.frames as f64, ""),
    ]);
    Ok(())
}

async fn churn(stage: &mut Stage, span: Duration) -> Result<(), Failure> {
    stage.open(AT_ONCE).await?;
    let people = stage.crowd.people;
    let began = stage.crowd.clock.now() + LEAD;
    let trips = schedule::churn(people, began, span, AWAY);
    let mut courses: HashMap<usize, Vec<Turn>> = HashMap::new();
    for trip in &trips {
        let turns = [(trip.leaves + GRACE, false), (trip.returns, true)];
        let turns = turns.map(|(at, state)| Turn { at, state });
        courses.entry(trip.person).or_default().extend(turns);
    }
    let course = |person| Course {
        first: person < people,
        turns: courses.get(&person).cloned().unwrap_or_default(),
    };
    stage.crowd.begin(course, |_| Course::default());
    let before = stage.used()?;
    let mut travellers = JoinSet::new();
    let mut behind = Duration::ZERO;
    for (n, trip) in trips.iter().copied().enumerate() {
        stage.show("people leave and come back", n, trips.len());
        behind = behind.max(stage.crowd.clock.until(trip.leaves).await);
        travellers.spawn(travel(
            trip,
            stage.crowd.of(trip.person).cloned().collect(),
            stage.crowd.clock,
        ));
    }
    while let Some(late) = travellers.join_next().await {
        behind = behind.max(late?);
    }
    let verdict = stage.judge(began).await;
    let costs = stage.since(before)?;
    stage.blame(&verdict);
    let first = trips.first().map_or(began, |trip| trip.leaves);
    let mut causes: Vec<_> = trips
        .iter()
        .flat_map(|trip| [trip.leaves + GRACE, trip.returns])
        .map(|at| at - first)
        .collect();
    causes.sort_unstable();
    stage
        .compare("Change", &verdict, &costs, causes.into_iter())
        .await?;
    stage.behind(behind);
    Ok(())
}

/// Goes away for good, and comes back; returns how late that was at most.
async fn travel(trip: Trip, connections: Vec<Arc<Member>>, clock: Clock) -> Duration {
    for connection in &connections {
        connection.leave().await;
    }
    let left = clock.now();
    let late = clock.until(trip.returns.max(left + AWAY_AT_LEAST)).await;
    for connection in &connections {
        connection.join().await;
    }
    late.max(clock.now().saturating_sub(trip.returns))
}

async fn typing(stage: &mut Stage, span: Duration, rate: f64) -> Result<(), Failure> {
    stage.open(AT_ONCE).await?;
    let people = stage.crowd.people;
    let began = stage.crowd.clock.now() + LEAD;
    let signs = schedule::typing(people, rate, began, span);
    let mut courses: HashMap<usize, Vec<Turn>> = HashMap::new();
    for sign in &signs {
        courses.entry(sign.person).or_default().push(Turn {
            at: sign.at,
            state: sign.is_typing,
        });
    }
    let course = |person| Course {
        first: false,
        turns: courses.get(&person).cloned().unwrap_or_default(),
    };
    stage
        .crowd
        .begin(|person| Course::steady(person < people), course);
    let before = stage.used()?;
    let mut behind = Duration::ZERO;
    for (n, sign) in signs.iter().enumerate() {
        stage.show("people type", n, signs.len());
        behind = behind.max(stage.crowd.clock.until(sign.at).await);
        stage.crowd.members[sign.person].signs(sign.is_typing).await;
    }
    let verdict = stage.judge(began).await;
    let costs = stage.since(before)?;
    stage.blame(&verdict);
    let causes = signs.iter().map(|sign| sign.at - began);
    stage
        .compare("Sign of typing", &verdict, &costs, causes)
        .await?;
    stage.behind(behind);
    Ok(())
}

async fn snapshots(stage: &mut Stage, span: Duration, rate: f64) -> Result<(), Failure> {
    stage.open(AT_ONCE).await?;
    stage.steady();
    for member in &stage.crowd.members {
        member.observer().only_asks();
    }
    let began = stage.crowd.clock.now() + LEAD;
    let times: Vec<_> = schedule::paced(rate, began, span).collect();
    let before = stage.used()?;
    let mut behind = Duration::ZERO;
    let asking = times.iter().zip(schedule::turns(stage.crowd.members.len()));
    for (asked, (at, n)) in asking.enumerate() {
        stage.show("rosters are asked for", asked, times.len());
        behind = behind.max(stage.crowd.clock.until(*at).await);
        stage.crowd.members[n].ask(*at).await;
    }
    let verdict = stage.judge(began).await;
    let costs = stage.since(before)?;
    stage.blame(&verdict);
    let causes = times.iter().map(|at| *at - began);
    stage.compare("Snapshot", &verdict, &costs, causes).await?;
    stage.behind(behind);
    Ok(())
}

async fn join_storm(stage: &mut Stage) -> Result<(), Failure> {
    let connections = stage.crowd.members.len();
    let reader = stage.reader.clone();
    let (opened, slowest) = reader.during(stage.open(connections)).await?;
    let verdict = opened?;
    stage.storm(&verdict, &[], slowest);
    Ok(())
}

async fn reconnect_storm(stage: &mut Stage) -> Result<(), Failure> {
    stage.open(AT_ONCE).await?;
    stage.steady();
    stage.say("all sockets break");
    let before = stage.used()?;
    let opened = stage.crowd.opened();
    let began = stage.crowd.clock.now();
    for member in &stage.crowd.members {
        member.observer().asks(began);
    }
    let storm = async {
        stage.crowd.cut().await;
        stage.judge(began).await
    };
    let (mut verdict, slowest) = stage.reader.during(storm).await?;
    let costs = stage.since(before)?;
    let returned = stage.crowd.first_welcomes();
    let is_late = |person: usize| {
        let returned = returned.get(person);
        returned.is_some_and(|at| at.is_none_or(|at| at > began + GRACE))
    };
    let late = (0..returned.len()).filter(|it| is_late(*it)).count();
    let crowd = &stage.crowd;
    let wrong = verdict.unexpected(|connection, seat| !is_late(crowd.person_at(connection, seat)));
    let now_opened = crowd.opened();
    // Each socket beyond those that were needed may have brought them back for a moment.
    verdict.excuse(|connection, seat| {
        let person = crowd.person_at(connection, seat);
        u64::from(is_late(person)) + crowd.opened_again(&opened, &now_opened, person)
    });
    let settled = verdict.snapshots.per_mille(1_000).unwrap_or_default();
    let counted = |what: &str, count: usize| Figure::new(what, count as f64, "");
    stage.report.figures.extend([
        counted("People back within the grace", returned.len() - late),
        counted("Changes seen of those", wrong).aim(Aim::Measured(0.0)),
        counted("People back later", late),
        Figure::new("CPU of the storm", costs.cpu.as_secs_f64(), "s"),
        Figure::new("Settled: all rosters fresh", settled.as_secs_f64(), "s")
            .aim(Aim::Measured(STORM)),
    ]);
    stage
        .report
        .figures
        .extend(percentiles("Roster fresh", &verdict.snapshots, None));
    stage.storm(&verdict, &opened, slowest);
    stage.blame(&verdict);
    Ok(())
}

async fn cycles(stage: &mut Stage) -> Result<(), Failure> {
    let mut resident = Vec::new();
    let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
    let before = stage.program.process.resident_bytes()?;
    for cycle in 1..=CYCLES {
        stage.say(&format!("cycle {cycle} of {CYCLES}"));
        let began = Instant::now();
        let (_, verdict) = stage.come(AT_ONCE).await;
        stage.blame(&verdict);
        let open = stage.program.process.resident_bytes()?;
        stage.crowd.leave().await;
        sleep(AWAY).await;
        let left = stage.program.process.resident_bytes()?;
        resident.push(left);
        let took = began.elapsed().as_secs_f64();
        stage.report.figures.extend([
            Figure::new(format!("Cycle {cycle}, all connected"), mib(open), "MiB"),
            Figure::new(
                format!("Cycle {cycle}, all gone ({took:.0} s)"),
                mib(left),
                "MiB",
            ),
        ]);
    }
    let growth = |from: u64| mib(resident[CYCLES - 1]) - mib(from);
    let third = resident[2];
    stage.report.figures.extend([
        Figure::new("Grown in all ten", growth(before), "MiB"),
        Figure::new("Grown from the third to the last", growth(third), "MiB")
            .aim(Aim::Measured(mib(third) * FLAT)),
    ]);
    Ok(())
}

impl Stage {
    /// From now on nobody does anything.
    fn steady(&self) {
        let people = self.crowd.people;
        let course = |person| Course::steady(person < people);
        self.crowd.begin(course, |_| Course::default());
    }

    /// Adds how a storm went, before which each had opened so many sockets.
    fn storm(&mut self, verdict: &Verdict, opened: &[u64], slowest_page: Duration) {
        let sum = |opened: &[u64]| opened.iter().sum::<u64>() as f64;
        let sockets = sum(&self.crowd.opened()) - sum(opened);
        let sockets = sockets / self.crowd.members.len() as f64;
        let told = "Changes seen of those who were late or tried again";
        self.report.figures.extend([
            Figure::new("Attempts of a connection, mean", sockets, ""),
            Figure::new(told, verdict.excused as f64, ""),
        ]);
        let welcomes = percentiles("Welcome", &verdict.welcomes, None);
        self.report.figures.extend(welcomes);
        self.report.add(
            Figure::new(
                "Slowest page meanwhile",
                slowest_page.as_secs_f64() * 1e3,
                "ms",
            )
            .aim(Aim::Measured(1_000.0)),
        );
    }

    /// Adds how late the load itself was: its latencies count from the times that were meant all the same.
    fn behind(&mut self, behind: Duration) {
        let behind = behind.as_secs_f64() * 1e3;
        self.report.add(Figure::new(
            "The load behind its schedule, at most",
            behind,
            "ms",
        ));
    }
}
