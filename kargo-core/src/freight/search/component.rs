//! Which slots have to do with one another: only they need be searched together.

/// Slots that clauses tie together, directly or by way of others, ascending; each with those clauses that read some of them.
pub(super) struct Component {
    pub(super) slots: Vec<usize>,
    pub(super) clauses: Vec<usize>,
}

/// All components in the order of their first slots. A slot that no clause reads is one of its own.
///
/// Of all combinations of a set of slots, the newest is made of the newest of each component: the sorted ranks of the whole
/// are least only if those of each part are, and the parts share no slot.
pub(super) fn components(slots: usize, clauses: &[Vec<usize>]) -> Vec<Component> {
    let mut root: Vec<usize> = (0..slots).collect();
    for read in clauses {
        let mut read = read.iter();
        let Some(first) = read.next() else { continue };
        for other in read {
            let (one, other) = (find(&mut root, *first), find(&mut root, *other));
            if let Some(place) = root.get_mut(one.max(other)) {
                *place = one.min(other);
            }
        }
    }
    let mut found: Vec<Component> = Vec::new();
    let mut place = vec![0; slots];
    for slot in 0..slots {
        let first = find(&mut root, slot);
        if first == slot {
            if let Some(place) = place.get_mut(slot) {
                *place = found.len();
            }
            found.push(Component { slots: Vec::new(), clauses: Vec::new() });
        }
        let at = place.get(first).copied().unwrap_or_default();
        if let Some(component) = found.get_mut(at) {
            component.slots.push(slot);
        }
    }
    for (clause, read) in clauses.iter().enumerate() {
        let Some(slot) = read.first() else { continue };
        let first = find(&mut root, *slot);
        let at = place.get(first).copied().unwrap_or_default();
        if let Some(component) = found.get_mut(at) {
            component.clauses.push(clause);
        }
    }
    found
}

/// The least slot that this one is tied to.
fn find(root: &mut [usize], slot: usize) -> usize {
    let parent = |root: &[usize], slot: usize| root.get(slot).copied().unwrap_or(slot);
    let mut found = slot;
    while parent(root, found) != found {
        found = parent(root, found);
    }
    let mut at = slot;
    while parent(root, at) != found {
        let next = parent(root, at);
        if let Some(place) = root.get_mut(at) {
            *place = found;
        }
        at = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_tied_by_clauses() {
        let found = components(7, &[vec![1, 4], vec![2], vec![], vec![4, 6], vec![0, 3]]);
        let shown: Vec<_> = found.iter().map(|component| (&component.slots[..], &component.clauses[..])).collect();
        assert_eq!(shown, [(&[0, 3][..], &[4][..]), (&[1, 4, 6], &[0, 3]), (&[2], &[1]), (&[5], &[])]);
        assert!(components(0, &[vec![]]).is_empty());
    }
}
