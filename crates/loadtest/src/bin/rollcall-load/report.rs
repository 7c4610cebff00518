//! What comes out.

use loadtest::Latencies;
use serde::Serialize;
use std::{fmt, time::Duration};

/// Faults that are printed one by one.
const SHOWN: usize = 20;

/// What one scenario has brought.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Which.
    pub(crate) scenario: &'static str,
    /// Connections that were open.
    pub(crate) connections: usize,
    /// People who held them.
    pub(crate) people: usize,
    /// People in a room.
    pub(crate) room: usize,
    /// How long it went on.
    pub(crate) seconds: u64,
    /// Processors that server and load shared.
    pub(crate) processors: usize,
    /// What was measured.
    pub(crate) figures: Vec<Figure>,
    /// What was not as it must be, the first of it, in words.
    pub(crate) faults: Vec<String>,
    /// How much of it there was.
    pub(crate) fault_count: usize,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    /// What.
    pub(crate) name: String,
    /// What was measured.
    pub(crate) measured: f64,
    /// The unit.
    pub(crate) unit: &'static str,
    /// What the bare loop takes for the same.
    pub(crate) floor: Option<f64>,
    /// How many times the floor that is.
    pub(crate) ratio: Option<f64>,
    /// What it should be at most.
    pub(crate) aim: Option<Aim>,
}

/// What a figure should be at most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aim {
    /// In its unit.
    Measured(f64),
    /// As a multiple of the floor.
    Ratio(f64),
}

impl Figure {
    /// A figure.
    pub(crate) fn new(name: impl Into<String>, measured: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            measured,
            unit,
            floor: None,
            ratio: None,
            aim: None,
        }
    }

    /// Beside what the bare loop takes.
    pub(crate) fn beside(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self.ratio = (floor > 0.0).then(|| self.measured / floor);
        self
    }

    /// With what it should be at most.
    pub(crate) const fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    /// Whether it is more than it should be.
    pub(crate) fn is_over(&self) -> bool {
        match self.aim {
            Some(Aim::Measured(most)) => self.measured > most,
            Some(Aim::Ratio(most)) => self.ratio.is_some_and(|ratio| ratio > most),
            None => false,
        }
    }
}

/// p50, p99 and p99.9 in milliseconds, beside those of the bare loop; none without samples.
pub(crate) fn percentiles(
    what: &str,
    measured: &Latencies,
    floor: Option<&Latencies>,
) -> Vec<Figure> {
    let ms = |took: Duration| took.as_secs_f64() * 1e3;
    let figure = |(name, per_mille): (&str, usize)| {
        let taken = ms(measured.per_mille(per_mille)?);
        let figure = Figure::new(format!("{what}, {name}"), taken, "ms");
        Some(match floor.and_then(|floor| floor.per_mille(per_mille)) {
            Some(floor) => figure.beside(ms(floor)),
            None => figure,
        })
    };
    [("p50", 500), ("p99", 990), ("p99.9", 999)]
        .into_iter()
        .filter_map(figure)
        .collect()
}

impl Report {
    /// Adds a figure.
    pub(crate) fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scenario,
            connections,
            people,
            room,
            seconds,
            processors,
            ..
        } = self;
        writeln!(
            f,
            "{scenario}: {connections} connections of {people} people in rooms of {room}, {seconds} s, \
             {processors} processors for server and load",
        )?;
        let width = self.figures.iter().map(|it| it.name.len()).max();
        let width = width.unwrap_or(0);
        let head = ("what", "measured", "floor", "ratio", "aim");
        writeln!(
            f,
            "{:width$} | {:>16} | {:>10} | {:>7} | {:>8}",
            head.0, head.1, head.2, head.3, head.4
        )?;
        for figure in &self.figures {
            let Figure {
                name,
                measured,
                unit,
                floor,
                ratio,
                aim,
            } = figure;
            let measured = format!("{measured:.2} {unit}");
            let floor = floor.map_or_else(String::new, |floor| format!("{floor:.2}"));
            let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            let aim = match aim {
                Some(Aim::Measured(most)) => format!("≤ {most}"),
                Some(Aim::Ratio(most)) => format!("≤ {most} ×"),
                None => String::new(),
            };
            let verdict = if figure.is_over() { " OVER" } else { "" };
            writeln!(
                f,
                "{name:width$} | {measured:>16} | {floor:>10} | {ratio:>7} | {aim:>8}{verdict}"
            )?;
        }
        for fault in self.faults.iter().take(SHOWN) {
            writeln!(f, "NOT TRUE: {fault}")?;
        }
        match self.fault_count {
            0 => writeln!(f, "Nothing was lost, doubled or wrong."),
            count => writeln!(f, "Not true: {count} in all."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_over_when_it_or_its_multiple_of_the_floor_is_past_the_aim() {
        let figure = || Figure::new("CPU", 3.0, "µs").beside(2.0);
        assert_eq!(figure().ratio, Some(1.5));
        assert!(!figure().aim(Aim::Ratio(1.5)).is_over());
        assert!(figure().aim(Aim::Ratio(1.4)).is_over());
        assert!(!figure().aim(Aim::Measured(3.0)).is_over());
        assert!(figure().aim(Aim::Measured(2.9)).is_over());
        assert!(!figure().is_over());
    }

    #[test]
    fn a_report_says_to_people_and_to_programs_what_was_measured_and_what_was_not_true() {
        let report = Report {
            scenario: "churn",
            connections: 20,
            people: 10,
            room: 5,
            seconds: 3,
            processors: 2,
            figures: vec![
                Figure::new("CPU per frame", 3.0, "µs")
                    .beside(1.5)
                    .aim(Aim::Ratio(1.5)),
            ],
            faults: vec!["jane was told offline twice".to_owned()],
            fault_count: 1,
        };
        let json = serde_json::json!({
            "scenario": "churn",
            "connections": 20,
            "people": 10,
            "room": 5,
            "seconds": 3,
            "processors": 2,
            "figures": [{
                "name": "CPU per frame",
                "measured": 3.0,
                "unit": "µs",
                "floor": 1.5,
                "ratio": 2.0,
                "aim": { "ratio": 1.5 },
            }],
            "faults": ["jane was told offline twice"],
            "fault_count": 1,
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), json);
        let text = report.to_string();
        for said in [
            "churn: 20 connections of 10 people in rooms of 5, 3 s",
            "2.00 |  ≤ 1.5 × OVER",
            "NOT TRUE: jane was told offline twice",
            "Not true: 1 in all.",
        ] {
            assert!(text.contains(said), "{said} is not in:\n{text}");
        }
    }

    #[test]
    fn nothing_is_a_multiple_of_a_floor_of_nothing() {
        assert_eq!(Figure::new("CPU", 3.0, "µs").beside(0.0).ratio, None);
    }

    #[test]
    fn percentiles_stand_beside_those_of_the_floor() {
        let of = |millis| {
            let mut latencies = Latencies::default();
            latencies.add(Duration::from_millis(millis));
            latencies
        };
        let figures = percentiles("Change", &of(6), Some(&of(3)));
        assert_eq!(figures.len(), 3);
        assert_eq!(figures[0].name, "Change, p50");
        assert_eq!((figures[0].measured, figures[0].ratio), (6.0, Some(2.0)));
        assert_eq!(percentiles("Change", &Latencies::default(), None), []);
    }
}
