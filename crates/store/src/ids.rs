//! Lists of ids in a query.

/// So many ids are asked for in one query.
pub(crate) const AT_ONCE: usize = 100;

/// Where so many values stand in a query, from place `first` on: `$2, $3`.
pub(crate) fn places(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count).map(|n| format!("${n}")).collect();
    places.join(", ")
}

/// As [`places`], each a row of its own: `($2), ($3)`.
pub(crate) fn rows(first: usize, count: usize) -> String {
    let rows: Vec<_> = (first..first + count).map(|n| format!("(${n})")).collect();
    rows.join(", ")
}
