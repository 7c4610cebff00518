//! Costs against sizes: as a table, and as curves in an SVG.

use std::fmt::{self, Write as _};

/// In the units of the SVG: the drawing, and within each panel where the curves are.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 350.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 580.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 290.0;
/// Between two names of curves, so that they can be read.
const LINE: f64 = 17.0;
/// A cost that falls is seen, too.
const LOWEST: f64 = 0.4;

/// Readable on white and on black; one colour for each curve.
const STYLE: &str = "
text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}
.ground{fill:#fff}.grid{stroke:#d1d9e0}.reference{stroke:#59636e;stroke-dasharray:5 4}
polyline{fill:none;stroke-width:2}.leader{stroke-width:1}
.c0{color:#0969da}.c1{color:#bc4c00}.c2{color:#1a7f37}.c3{color:#8250df}
.c4{color:#bf3989}.c5{color:#0e7490}.c6{color:#9a6700}.c7{color:#59636e}.c8{color:#82071e}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.ground{fill:#0d1117}.grid{stroke:#3d444d}
.reference{stroke:#9198a1}.c0{color:#58a6ff}.c1{color:#f0883e}.c2{color:#3fb950}.c3{color:#bc8cff}
.c4{color:#ff7eb6}.c5{color:#39c5cf}.c6{color:#d29922}.c7{color:#9198a1}.c8{color:#ff8182}}";

/// Costs that are compared with each other.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    /// What the sizes are of.
    pub(crate) along: &'static str,
    pub(crate) sizes: &'static [usize],
    pub(crate) curves: Vec<Curve>,
}

/// What one thing costs at each size.
pub(crate) struct Curve {
    name: &'static str,
    unit: &'static str,
    costs: Vec<f64>,
}

impl Curve {
    pub(crate) fn new(
        name: &'static str,
        unit: &'static str,
        costs: impl IntoIterator<Item = f64>,
    ) -> Self {
        let costs = costs.into_iter().collect();
        Self { name, unit, costs }
    }

    /// How many times the cost at the smallest size.
    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.costs.iter().map(|cost| cost / self.costs[0])
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        write!(f, "{:42}", self.along)?;
        for size in self.sizes {
            write!(f, " {:>17}", thousands(*size))?;
        }
        for curve in &self.curves {
            write!(f, "\n{:42}", curve.name)?;
            for (cost, ratio) in curve.costs.iter().zip(curve.ratios()) {
                write!(f, " {cost:>8.2} {} ×{ratio:<5.1}", curve.unit)?;
            }
        }
        writeln!(f)
    }
}

/// All panels, one below the other.
pub(crate) fn draw(panels: &[Panel]) -> Result<String, fmt::Error> {
    let mut svg = String::new();
    let height = HEIGHT * panels.len() as f64;
    let titles: Vec<_> = panels.iter().map(|panel| panel.title).collect();
    let titles = titles.join(". ");
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">
<title>{titles}</title>
<style>{STYLE}</style>
<rect class="ground" width="{WIDTH}" height="{height}"/>"#
    )?;
    for (place, panel) in panels.iter().enumerate() {
        writeln!(
            svg,
            r#"<g transform="translate(0 {})">"#,
            HEIGHT * place as f64
        )?;
        panel.draw(&mut svg)?;
        writeln!(svg, "</g>")?;
    }
    writeln!(svg, "</svg>")?;
    Ok(svg)
}

impl Panel {
    fn draw(&self, svg: &mut String) -> fmt::Result {
        let (title, along) = (self.title, self.along);
        let middle = f64::midpoint(LEFT, RIGHT);
        writeln!(
            svg,
            r#"<text class="title" x="{LEFT}" y="24">{title}</text>"#
        )?;
        writeln!(
            svg,
            r#"<text x="{middle}" y="{}" text-anchor="middle">{along}</text>"#,
            BOTTOM + 42.0
        )?;
        for size in self.decades() {
            let x = self.x(size);
            writeln!(
                svg,
                r#"<path class="grid" d="M{x:.1} {TOP}V{BOTTOM}"/><text x="{x:.1}" y="{}" text-anchor="middle">{}</text>"#,
                BOTTOM + 20.0,
                thousands(size)
            )?;
            let ratio = size / self.sizes[0];
            let y = self.y(ratio as f64);
            writeln!(
                svg,
                r#"<path class="grid" d="M{LEFT} {y:.1}H{RIGHT}"/><text x="{}" y="{:.1}" text-anchor="end">{}×</text>"#,
                LEFT - 8.0,
                y + 4.0,
                thousands(ratio)
            )?;
        }
        writeln!(
            svg,
            r#"<path class="reference" d="M{LEFT} {:.1}L{RIGHT} {TOP}"/><text x="{RIGHT}" y="{}" text-anchor="end">linear</text>"#,
            self.y(1.0),
            TOP - 6.0
        )?;
        self.draw_curves(svg)
    }

    fn draw_curves(&self, svg: &mut String) -> fmt::Result {
        let mut ends: Vec<_> = self
            .curves
            .iter()
            .enumerate()
            .map(|(place, curve)| (self.y(curve.ratios().last().unwrap_or(1.0)), place))
            .collect();
        // The lowest first: whoever has no room for a name below goes above.
        ends.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut free = BOTTOM;
        for (end, place) in ends {
            let curve = &self.curves[place];
            let points: Vec<_> = self
                .sizes
                .iter()
                .zip(curve.ratios())
                .map(|(size, ratio)| (self.x(*size), self.y(ratio)))
                .collect();
            let name_y = end.min(free);
            free = name_y - LINE;
            write!(
                svg,
                r#"<g class="c{place}" stroke="currentColor"><polyline points=""#
            )?;
            for (x, y) in &points {
                write!(svg, "{x:.1},{y:.1} ")?;
            }
            writeln!(
                svg,
                r#""/><path class="leader" d="M{RIGHT} {end:.1}L{} {name_y:.1}"/></g>"#,
                RIGHT + 20.0
            )?;
            write!(svg, r#"<g class="c{place}" fill="currentColor">"#)?;
            for (x, y) in &points {
                write!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3"/>"#)?;
            }
            writeln!(
                svg,
                r#"</g><text x="{}" y="{:.1}">{}</text>"#,
                RIGHT + 26.0,
                name_y + 4.0,
                curve.name
            )?;
        }
        Ok(())
    }

    fn x(&self, size: usize) -> f64 {
        let (smallest, largest) = self.ends();
        LEFT + (RIGHT - LEFT) * (size as f64 / smallest).log10() / (largest / smallest).log10()
    }

    fn y(&self, ratio: f64) -> f64 {
        let (smallest, largest) = self.ends();
        let highest = largest / smallest;
        BOTTOM - (BOTTOM - TOP) * (ratio / LOWEST).log10() / (highest / LOWEST).log10()
    }

    fn ends(&self) -> (f64, f64) {
        let largest = self.sizes[self.sizes.len() - 1];
        (self.sizes[0] as f64, largest as f64)
    }

    /// The smallest size, and ten times that, and so on.
    fn decades(&self) -> impl Iterator<Item = usize> {
        let largest = self.sizes[self.sizes.len() - 1];
        std::iter::successors(Some(self.sizes[0]), |size| Some(size * 10))
            .take_while(move |size| *size <= largest)
    }
}

/// A number as people read it: 1,000,000.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
