//! What was once found worth trying holds.

use std::{fs, panic, path::Path};

#[test]
fn what_must_hold_holds_for_the_whole_corpus() {
    for (name, target) in fuzz::TARGETS {
        let folder = Path::new("corpus").join(name);
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        let mut count = 0;
        for file in files {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let outcome = panic::catch_unwind(|| target(&bytes));
            assert!(outcome.is_ok(), "it does not hold for {}", path.display());
            count += 1;
        }
        assert!(count > 5, "{name} has a corpus of {count}");
    }
}
