//! The table that is printed.

use std::fmt;

/// What was measured.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

/// One figure.
pub(crate) struct Row {
    /// What.
    pub(crate) what: &'static str,
    /// The figure.
    pub(crate) measured: f64,
    /// What it should be at most, if that was agreed upon.
    pub(crate) aim: Option<f64>,
    /// The unit of both.
    pub(crate) unit: &'static str,
    /// How it was measured.
    pub(crate) how: String,
}

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|row| row.what.len()).max().unwrap_or(0);
        writeln!(
            f,
            "{:width$} | {:>12} | {:>12} |      | how",
            "what", "measured", "aim"
        )?;
        for Row {
            what,
            measured,
            aim,
            unit,
            how,
        } in &self.0
        {
            let is_over = aim.is_some_and(|aim| *measured > aim);
            let verdict = if is_over { "OVER" } else { "" };
            let measured = format!("{measured:.2} {unit}");
            let aim = aim.map_or_else(String::new, |aim| format!("≤ {aim} {unit}"));
            writeln!(
                f,
                "{what:width$} | {measured:>12} | {aim:>12} | {verdict:4} | {how}"
            )?;
        }
        Ok(())
    }
}
