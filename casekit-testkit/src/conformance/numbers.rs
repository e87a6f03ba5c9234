//! The numbers of a workspace's cases.

use casekit_core::Committed;
use casekit_core::model::{Case, Key, Stored};

use super::fixture::{Failure, Fixture, Outcome, create, equal};

fn new_case(fixture: &mut Fixture, number: u64) -> Case {
    let customer = fixture.some_customer();
    let mut case = fixture.make.case(&customer);
    case.number = number;
    case
}

/// Commits new cases and gives their keys, what the store says it assigned, and what it stored.
async fn commit_cases(
    fixture: &mut Fixture,
    numbers: &[u64],
) -> Result<(Vec<Key>, Committed, Vec<u64>), Failure> {
    let cases: Vec<Case> = numbers.iter().map(|n| new_case(fixture, *n)).collect();
    let committed = fixture.commit(cases.iter().map(create).collect()).await?;
    let keys: Vec<Key> = cases.iter().map(Stored::key).collect();
    let mut stored = Vec::new();
    for key in &keys {
        stored.push(fixture.get::<Case>(*key).await?.number);
    }
    Ok((keys, committed, stored))
}

pub(super) async fn commit_assigns_numbers(mut fixture: Fixture) -> Outcome {
    let (keys, committed, stored) = commit_cases(&mut fixture, &[0, 0, 0]).await?;
    equal("the first numbers", &stored, &vec![1, 2, 3])?;
    let wanted: Vec<(Key, u64)> = keys.iter().copied().zip(1..).collect();
    equal("the answer", &committed.numbers, &wanted)?;

    let agent = fixture.make.agent();
    let answer = fixture.commit(vec![create(&agent)]).await?;
    equal(
        "numbers of what is not numbered",
        &answer.numbers,
        &Vec::new(),
    )?;

    // The last one is deleted: its number is not given again.
    if let Some(last) = keys.last() {
        let last = fixture.get::<Case>(*last).await?;
        fixture.delete(&last).await?;
    }
    let (_, _, stored) = commit_cases(&mut fixture, &[0]).await?;
    equal("the number after a deletion", &stored, &vec![4])?;
    // A refused commit uses up none.
    let refused = vec![create(&new_case(&mut fixture, 0)), create(&agent)];
    if let Ok(answer) = fixture.commit(refused).await {
        return Err(Failure(format!("creating an agent again gave {answer:?}")));
    }
    let (_, _, stored) = commit_cases(&mut fixture, &[0]).await?;
    equal("the number after a refused commit", &stored, &vec![5])?;
    // Replacing a case assigns nothing.
    let (keys, ..) = commit_cases(&mut fixture, &[0]).await?;
    for key in keys {
        let case = fixture.get::<Case>(key).await?;
        let again = fixture.replace(&case, case.clone()).await?;
        equal("the number after a replacement", &again.number, &6)?;
    }
    Ok(())
}

pub(super) async fn commit_keeps_given_numbers(mut fixture: Fixture) -> Outcome {
    let (keys, committed, stored) = commit_cases(&mut fixture, &[0, 40, 0, 7]).await?;
    equal("given and assigned numbers", &stored, &vec![1, 40, 41, 7])?;
    let assigned: Vec<Key> = committed.numbers.iter().map(|(key, _)| *key).collect();
    let wanted: Vec<Key> = keys.iter().copied().step_by(2).collect();
    equal("the cases that were assigned a number", &assigned, &wanted)?;
    let (_, _, stored) = commit_cases(&mut fixture, &[0]).await?;
    equal(
        "the number after a smaller one was given",
        &stored,
        &vec![42],
    )?;
    let (_, _, stored) = commit_cases(&mut fixture, &[1_000_000]).await?;
    equal("a given number", &stored, &vec![1_000_000])?;
    let (_, _, stored) = commit_cases(&mut fixture, &[0]).await?;
    equal(
        "the number after a larger one was given",
        &stored,
        &vec![1_000_001],
    )
}
