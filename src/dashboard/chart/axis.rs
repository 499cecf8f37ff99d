//! The vertical axis of a bar chart.

/// A minute in microseconds.
const MINUTE: i128 = 60_000_000;
/// The possible distances between two lines, in minutes.
const STEPS: [i128; 10] = [15, 30, 60, 120, 180, 240, 360, 480, 720, 1_440];
/// The maximum number of steps.
const MOST_STEPS: i128 = 4;

/// An axis from 0 to a round time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// Microseconds between two lines.
    step: i128,
    /// Microseconds at the top.
    pub(super) top: i128,
}

impl Axis {
    /// The shortest axis that contains `most` microseconds.
    pub(super) fn new(most: i128) -> Self {
        let fits = |step: &i128| step * MINUTE * MOST_STEPS >= most;
        let day = STEPS[STEPS.len() - 1] * MINUTE;
        let step = STEPS.into_iter().find(fits).map_or_else(
            || day * ceiling(most, day * MOST_STEPS),
            |step| step * MINUTE,
        );
        Self {
            step,
            top: step * ceiling(most, step).max(1),
        }
    }

    /// The lines in microseconds, from 0 to the top.
    pub(super) fn lines(self) -> impl Iterator<Item = i128> {
        (0..=self.top / self.step).map(move |line| line * self.step)
    }

    /// The fraction of the axis, from 0 to 1.
    pub(super) fn part(self, microseconds: i128) -> f64 {
        part(microseconds, self.top)
    }
}

/// A fraction of a whole; 0 of 0 is 0.
pub(super) fn part(part: i128, whole: i128) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

fn ceiling(value: i128, unit: i128) -> i128 {
    (value + unit - 1) / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_a_round_end_and_few_lines() {
        for (minutes, step, top) in [
            (0, 15, 15),
            (1, 15, 15),
            (60, 15, 60),
            (61, 30, 90),
            (450, 120, 480),
            (481, 180, 540),
            (1_500, 480, 1_920),
            (5_760, 1_440, 5_760),
            (5_761, 2_880, 8_640),
        ] {
            let axis = Axis::new(minutes * MINUTE);
            assert_eq!(
                (axis.step / MINUTE, axis.top / MINUTE),
                (step, top),
                "{minutes}"
            );
        }
    }

    #[test]
    fn everything_has_a_place_on_its_axis() {
        for most in [0, 1, MINUTE, 25 * 60 * MINUTE, i128::from(i64::MAX) * 1_000] {
            let axis = Axis::new(most);
            assert!((0.0..=1.0).contains(&axis.part(most)), "{most}");
            assert!((2..=5).contains(&axis.lines().count()), "{most}");
        }
    }
}
