//! What a scenario plays on: a fresh server, people who have signed up, and what they cost.

use crate::{
    cli::{Load, SPARE_FILES},
    company::{Company, Failure, GRACE},
    crowd::Crowd,
    floor::{Floor, Plan},
    progress::Progress,
    report::{Aim, Figure, Report, percentiles},
    script::{Course, Turn},
    verdict::Verdict,
};
use loadtest::{Program, Reader, Traffic, kernel_bytes};
use rlimit::Resource;
use std::{thread::available_parallelism, time::Duration};
use tokio::time::sleep;

/// Connections that are opened at the same time, except in a storm.
pub(crate) const AT_ONCE: usize = 64;
/// Until what was allocated or closed for a moment is given back.
const SETTLED: Duration = Duration::from_secs(3);
/// Connections that come and go before anything is measured: what the first ones load does not count.
const WARM_UP: usize = 20;
/// How long a storm may take until all rosters are right, in seconds.
pub(crate) const STORM: f64 = 10.0;

/// A scenario on its way.
pub(crate) struct Stage {
    /// Everybody.
    pub(crate) crowd: Crowd,
    /// The server.
    pub(crate) program: Program,
    /// What comes out.
    pub(crate) report: Report,
    /// Somebody who reads pages meanwhile.
    pub(crate) reader: Reader,
    progress: Progress,
    resident: u64,
    kernel: u64,
}

/// What has been used until some moment.
#[derive(Clone, Copy)]
pub(crate) struct Used {
    cpu: Duration,
    traffic: Traffic,
}

/// What was used in a while.
pub(crate) struct Costs {
    /// Of the processors, by the server.
    pub(crate) cpu: Duration,
    /// Frames that arrived.
    pub(crate) frames: u64,
    /// A frame, in bytes, without its header.
    pub(crate) frame_bytes: usize,
}

impl Stage {
    /// Starts the server; nobody is connected yet.
    pub(crate) async fn set(
        scenario: &'static str,
        load: &Load,
        company: &mut Company,
        progress: Progress,
    ) -> Result<Self, Failure> {
        progress.say(&format!("{scenario}: making rooms"));
        let rooms = company.rooms(load).await?;
        let program = company.start(load).await?;
        let people = &company.people;
        let crowd = |rooms, connections| {
            Crowd::new(&program.server, people, rooms, connections, load.people())
        };
        let early = crowd(rooms.clone(), WARM_UP)?;
        early.open(AT_ONCE, |_| ()).await;
        early.leave().await;
        sleep(GRACE + SETTLED).await;
        let first = rooms.first().ok_or("there is no room")?;
        let size = first.people.len();
        let page = format!("/w/{}/c/{}", people.workspace_slug, first.chat_id);
        let authorization = people.members[0].authorization()?;
        let reader = Reader::new(&program.server, authorization, page);
        let crowd = crowd(rooms, load.connections())?;
        let report = Report {
            scenario,
            connections: crowd.members.len(),
            people: crowd.people,
            room: size,
            seconds: load.seconds.into(),
            processors: available_parallelism()?.get(),
            figures: Vec::new(),
            faults: Vec::new(),
            fault_count: 0,
        };
        Ok(Self {
            resident: program.process.resident_bytes()?,
            kernel: kernel_bytes()?,
            crowd,
            report,
            progress,
            reader,
            program,
        })
    }

    /// Says what is going on.
    pub(crate) fn say(&self, what: &str) {
        self.progress.say(&self.line(what));
    }

    /// Says what is going on, and how much of it is done.
    pub(crate) fn show(&self, what: &str, done: usize, of: usize) {
        if Progress::is_a_difference(done, of) {
            self.progress.show(&self.line(what), done, of);
        }
    }

    /// Waits, and says what for.
    pub(crate) async fn wait(&self, what: &str, span: Duration) {
        self.progress.wait(&self.line(what), span).await;
    }

    fn line(&self, what: &str) -> String {
        format!("{}: {what}", self.report.scenario)
    }

    /// All connect, and see each other.
    pub(crate) async fn come(&self, at_once: usize) -> (Duration, Verdict) {
        let began = self.crowd.clock.now();
        let count = self.crowd.people;
        let comes = |person| Course {
            first: false,
            turns: match person < count {
                true => vec![Turn {
                    at: began,
                    state: true,
                }],
                false => Vec::new(),
            },
        };
        self.crowd.begin(comes, |_| Course::default());
        let all = self.crowd.members.len();
        let told = |done| self.show("connecting", done, all);
        let before = self.crowd.opened();
        self.crowd.open(at_once, told).await;
        let mut verdict = self.judge(began).await;
        // Whoever gives up a socket that was let in already was online for a moment.
        let now = self.crowd.opened();
        verdict.excuse(|n, seat| {
            let person = self.crowd.person_at(n, seat);
            self.crowd.opened_again(&before, &now, person)
        });
        (began, verdict)
    }

    /// All connect, so many at the same time, and see each other; adds what that took.
    pub(crate) async fn open(&mut self, at_once: usize) -> Result<Verdict, Failure> {
        let before = self.used()?;
        let (began, verdict) = self.come(at_once).await;
        let costs = self.since(before)?;
        self.say("looking at memory");
        sleep(SETTLED).await;
        let resident = self.resident_kib()?;
        let kernel = kernel_bytes()?.saturating_sub(self.kernel);
        let floor = self.floor_of_open(at_once).await?;
        let connections = self.crowd.members.len() as f64;
        let connecting = verdict.welcome.saturating_sub(began).as_secs_f64();
        let settled = verdict.right.saturating_sub(began).as_secs_f64();
        let settled = Figure::new("From first connect to all rosters right", settled, "s");
        let settled = match at_once < self.crowd.members.len() {
            true => settled,
            false => settled.aim(Aim::Measured(STORM)),
        };
        let kib = |bytes: u64| bytes as f64 / 1_024.0 / connections;
        let micros = costs.cpu.as_secs_f64() * 1e6 / connections;
        self.report.figures.extend([
            Figure::new("Connect rate", connections / connecting, "/s").beside(floor.rate),
            Figure::new("CPU per connect, first roster included", micros, "µs")
                .beside(floor.cpu_micros),
            settled,
            Figure::new("Resident memory per connection", resident, "KiB")
                .beside(floor.resident_kib)
                .aim(Aim::Measured(8.0)),
            Figure::new(
                "Kernel memory per connection, both ends",
                kib(kernel),
                "KiB",
            )
            .beside(floor.kernel_kib),
        ]);
        self.blame(&verdict);
        Ok(verdict)
    }

    /// What the server has in memory for each connection.
    pub(crate) fn resident_kib(&self) -> Result<f64, Failure> {
        let resident = self.program.process.resident_bytes()?;
        let grown = resident.saturating_sub(self.resident) as f64 / 1_024.0;
        Ok(grown / self.crowd.members.len() as f64)
    }

    /// What a bare loop takes to open sockets, as many as fit beside those that are measured.
    async fn floor_of_open(&self, at_once: usize) -> Result<OpenFloor, Failure> {
        let mut floor = Floor::start().await?;
        let (resident, kernel) = (floor.process.resident_bytes()?, kernel_bytes()?);
        let count = self.crowd.members.len();
        let count = count.min(files()?.saturating_sub(count + SPARE_FILES));
        floor.open(count, at_once).await?;
        let cpu = floor.process.cpu()?;
        sleep(SETTLED).await;
        let count = count as f64;
        let kib = |now: u64, before: u64| now.saturating_sub(before) as f64 / 1_024.0 / count;
        Ok(OpenFloor {
            rate: count / floor.connecting.as_secs_f64(),
            cpu_micros: cpu.as_secs_f64() * 1e6 / count,
            resident_kib: kib(floor.process.resident_bytes()?, resident),
            kernel_kib: kib(kernel_bytes()?, kernel),
        })
    }

    /// What has been used until now.
    pub(crate) fn used(&self) -> Result<Used, Failure> {
        Ok(Used {
            cpu: self.program.process.cpu()?,
            traffic: self.crowd.traffic(),
        })
    }

    /// What was used since then.
    pub(crate) fn since(&self, before: Used) -> Result<Costs, Failure> {
        let Used { cpu, traffic } = self.used()?;
        let frames = traffic.frames - before.traffic.frames;
        let bytes = traffic.bytes - before.traffic.bytes;
        Ok(Costs {
            cpu: cpu.saturating_sub(before.cpu),
            frames,
            frame_bytes: (bytes / frames.max(1)) as usize,
        })
    }

    /// Waits until everybody has seen all, and judges it.
    pub(crate) async fn judge(&self, meant: Duration) -> Verdict {
        self.say("waiting until everybody has seen all");
        self.crowd.judge(meant).await
    }

    /// Adds what is wrong.
    pub(crate) fn blame(&mut self, verdict: &Verdict) {
        let Self { crowd, report, .. } = self;
        report.fault_count += verdict.fault_count;
        let words = verdict.faults.iter().map(|fault| crowd.describe(fault));
        report.faults.extend(words.take(1_000));
    }

    /// All leave, and a bare loop has as many sockets.
    pub(crate) async fn bare_loop(&self) -> Result<Floor, Failure> {
        self.crowd.leave().await;
        self.say("the bare loop");
        let mut floor = Floor::start().await?;
        floor.open(self.crowd.members.len(), AT_ONCE).await?;
        Ok(floor)
    }

    /// Adds what changes cost and how long they took, beside a bare loop that writes the same bytes at the
    /// times of the `causes` (one for each change that was made). `what` is a change.
    pub(crate) async fn compare(
        &mut self,
        what: &str,
        verdict: &Verdict,
        costs: &Costs,
        causes: impl ExactSizeIterator<Item = Duration>,
    ) -> Result<(), Failure> {
        let (latencies, events) = match verdict.snapshots.count() {
            0 => (&verdict.changes, verdict.events),
            count => (&verdict.snapshots, count as u64),
        };
        let sockets = self.crowd.members.len();
        let recipients = (costs.frames as f64 / causes.len().max(1) as f64).round() as usize;
        let bytes = costs.frame_bytes + header(costs.frame_bytes);
        let plan = Plan::new(causes, sockets, recipients, bytes);
        let planned = plan.arriving();
        let floor = self.bare_loop().await?;
        let written = floor.write(plan).await?;
        let arrived = written.latencies.count();
        let per = |cpu: Duration, count: f64| cpu.as_secs_f64() * 1e6 / count.max(1.0);
        let frames = costs.frames as f64;
        let report = &mut self.report;
        report.add(Figure::new("Events observed", events as f64, ""));
        report.add(Figure::new("Frames observed", frames, ""));
        report.add(Figure::new("Bytes of a frame", bytes as f64, ""));
        report.add(Figure::new(
            "Events superseded",
            verdict.superseded as f64,
            "",
        ));
        report.add(
            Figure::new(
                "CPU per 1,000 events observed",
                per(costs.cpu, events as f64),
                "ms",
            )
            // As many frames carry them.
            .beside(per(written.cpu, arrived as f64) * frames / events.max(1) as f64),
        );
        report.add(
            Figure::new("CPU per frame", per(costs.cpu, frames), "µs")
                .beside(per(written.cpu, arrived as f64))
                .aim(Aim::Ratio(1.5)),
        );
        report
            .figures
            .extend(percentiles(what, latencies, Some(&written.latencies)));
        let left = (planned - arrived) as f64;
        report.add(Figure::new(
            "Frames that the bare loop did not get out",
            left,
            "",
        ));
        Ok(())
    }

    /// Ends the server; what comes out.
    pub(crate) async fn end(self) -> Result<Report, Failure> {
        self.progress.end();
        self.program.kill().await?;
        Ok(self.report)
    }
}

/// What a bare loop takes for each socket that is opened.
struct OpenFloor {
    rate: f64,
    cpu_micros: f64,
    resident_kib: f64,
    kernel_kib: f64,
}

/// The header of a frame with so many bytes, from a server (RFC 6455 §5.2).
const fn header(bytes: usize) -> usize {
    match bytes {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    }
}

/// How many files this process may open.
pub(crate) fn files() -> Result<usize, Failure> {
    let (soft, _) = Resource::NOFILE.get()?;
    Ok(usize::try_from(soft)?)
}
