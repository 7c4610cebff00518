//! What the system says of a process, and of its own memory (Linux).

use std::{fs, io, time::Duration};

/// The unit of times in /proc: `sysconf(_SC_CLK_TCK)` is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);
/// The unit of memory in /proc/net/sockstat, in bytes.
const PAGE: u64 = 4_096;

/// A process, by its number.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

impl Process {
    /// The memory that it occupies, in bytes: `VmRSS` of proc_pid_status(5).
    ///
    /// # Errors
    /// When there is no such process any more.
    pub fn resident_bytes(self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let resident = kib(&status, "VmRSS:").ok_or_else(|| not_understood("status"))?;
        Ok(resident * 1_024)
    }

    /// What it has used of the processors: utime and stime of proc_pid_stat(5).
    ///
    /// # Errors
    /// When there is no such process any more.
    pub fn cpu(self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        cpu(&stat).ok_or_else(|| not_understood("stat"))
    }
}

/// The kernel's own memory, in bytes: its objects, among which are each socket with its file (`Slab` of
/// proc_meminfo(5)), and what waits in the TCP sockets of this machine. Of all processes together.
///
/// # Errors
/// When this is no Linux.
pub fn kernel_bytes() -> io::Result<u64> {
    let memory = fs::read_to_string("/proc/meminfo")?;
    let objects = kib(&memory, "Slab:").ok_or_else(|| not_understood("meminfo"))?;
    let sockets = fs::read_to_string("/proc/net/sockstat")?;
    let waiting = socket_pages(&sockets).ok_or_else(|| not_understood("net/sockstat"))?;
    Ok(objects * 1_024 + waiting * PAGE)
}

fn not_understood(file: &str) -> io::Error {
    io::Error::other(format!("/proc/…/{file} is not understood"))
}

/// A figure of a file that has one in each line, in KiB.
fn kib(file: &str, name: &str) -> Option<u64> {
    let line = file.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn cpu(stat: &str) -> Option<Duration> {
    // The second field is the name in parentheses; these are the 14th and the 15th.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    let mut ticks = || times.next()?.ok();
    Some((ticks()? + ticks()?) * TICK)
}

fn socket_pages(sockets: &str) -> Option<u64> {
    let line = sockets
        .lines()
        .find_map(|line| line.strip_prefix("TCP: "))?;
    let mut words = line.split_whitespace();
    words.find(|word| *word == "mem")?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_time_and_sockets_are_read_as_linux_writes_them() {
        let status = "Name:\trollcall\nVmPeak:\t   99 kB\nVmRSS:\t   12 kB\n";
        assert_eq!(kib(status, "VmRSS:"), Some(12));
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 1 0 0 0 150 25 0 0 20 0 3 0 1 2 3";
        assert_eq!(cpu(stat), Some(Duration::from_millis(1_750)));
        let sockets =
            "sockets: used 17\nTCP: inuse 1 orphan 0 tw 411 alloc 1 mem 139\nUDP: mem 9\n";
        assert_eq!(socket_pages(sockets), Some(139));
    }

    #[test]
    fn this_very_process_can_be_read() {
        let this = Process(std::process::id());
        assert!(this.resident_bytes().unwrap() > 0);
        this.cpu().unwrap();
        assert!(kernel_bytes().unwrap() > 0);
    }
}
