//! Searching by words.

use casekit_core::model::{Body, Case, Entity, Entry, Key, Message, Remark, Stored, Visibility};
use casekit_core::query::{Direction, Query, Scope, SortBy, TextQuery};

use super::fixture::{Failure, Fixture, Outcome, create, ensure, equal};
use crate::pages::all_pages;

/// A search by staff.
pub(super) fn asking(words: &str) -> Option<TextQuery> {
    TextQuery::new(words, Scope::All)
}

fn search(fixture: &Fixture, words: &str, scope: Scope) -> Query {
    let mut query = fixture.cases();
    query.text = TextQuery::new(words, scope);
    query
}

fn bare_case(fixture: &mut Fixture, subject: &str) -> Case {
    let customer = fixture.some_customer();
    let mut case = fixture.make.case(&customer);
    case.subject = subject.to_owned();
    case.customer_name = String::new();
    case.description = String::new();
    case
}

fn message(fixture: &mut Fixture, case: &Case, text: &str) -> Entry {
    let mut entry = fixture.make.entry(case);
    entry.visibility = Visibility::Public;
    entry.body = Body::Message(Message {
        sender: None,
        to: Vec::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: String::new(),
        text: text.to_owned(),
        html: None,
        attachments: Vec::new(),
        automatic: false,
        delivery: casekit_core::model::Delivery::Done,
    });
    entry
}

fn note(fixture: &mut Fixture, case: &Case, text: &str) -> Entry {
    let mut entry = fixture.make.entry(case);
    entry.visibility = Visibility::Internal;
    entry.body = Body::Note(Remark {
        text: text.to_owned(),
        mentions: std::collections::BTreeSet::new(),
    });
    entry
}

/// Fails unless a search finds exactly `wanted`.
async fn finds(fixture: &Fixture, words: &str, scope: Scope, wanted: &[&Case]) -> Outcome {
    let query = search(fixture, words, scope);
    let mut wanted: Vec<_> = wanted.iter().map(|case| case.id.0).collect();
    wanted.sort();
    let what = format!("the cases found by `{words}` in {scope:?}");
    equal(&what, &fixture.ids(&query).await?, &wanted)
}

pub(super) async fn find_searches_folded(mut fixture: Fixture) -> Outcome {
    let subjects = [
        "Señor Müller's STRAẞE",
        "senor muller strasse",
        "Ærøskøbing ŁÓDŹ",
        "naïve café",
        "打印机 卡纸",
        "e-mail a@b.com, 3.5€",
        "İstanbul ISTANBUL ıstanbul",
        "ΣΊΣΥΦΟΣ",
        "",
    ];
    let mut known = Vec::new();
    for subject in subjects {
        let case = bare_case(&mut fixture, subject);
        known.push(Entity::from(fixture.create(case).await?));
    }
    let searches = [
        "señor",
        "SENOR",
        "sen",
        "strasse",
        "straße",
        "mull",
        "müll",
        "mul ler",
        "aeroskobing",
        "lodz",
        "cafe",
        "CAFÉ",
        "caf",
        "afe",
        "打",
        "印机",
        "机 打",
        "e-mail",
        "mail",
        "b.com",
        "3.5",
        "istanbul",
        "İSTANBUL",
        "σίσυφος",
        "sen str",
        "sen xyz",
        "1",
        "o'",
        "*",
        "\"",
        "sen*",
        "sen OR cafe",
        "NOT sen",
        "se_or",
        "%",
        "s:e",
        "a^b",
        "(",
        "sen NEAR muller",
    ];
    for words in searches {
        if TextQuery::new(words, Scope::All).is_none() {
            continue;
        }
        for scope in [Scope::All, Scope::Public] {
            fixture
                .agree(&known, &search(&fixture, words, scope))
                .await?;
        }
    }
    let long = "x".repeat(500);
    let case = bare_case(&mut fixture, &format!("{long} tail"));
    known.push(Entity::from(fixture.create(case).await?));
    for words in ["xxx", long.as_str(), "tail"] {
        fixture
            .agree(&known, &search(&fixture, words, Scope::All))
            .await?;
    }
    Ok(())
}

pub(super) async fn find_keeps_scopes(mut fixture: Fixture) -> Outcome {
    let mut case = bare_case(&mut fixture, "open subject");
    case.description = "confidential".to_owned();
    let case = fixture.create(case).await?;
    let (public, secret) = (
        message(&mut fixture, &case, "visible words"),
        note(&mut fixture, &case, "hidden words"),
    );
    fixture
        .commit(vec![create(&public), create(&secret)])
        .await?;
    for words in ["subject", "visible", "words", "visible subject"] {
        finds(&fixture, words, Scope::Public, &[&case]).await?;
        finds(&fixture, words, Scope::All, &[&case]).await?;
    }
    for words in ["confidential", "hidden", "hidden words", "subject hidden"] {
        finds(&fixture, words, Scope::Public, &[]).await?;
        finds(&fixture, words, Scope::All, &[&case]).await?;
    }
    // What is hidden later is not found any more.
    let public = fixture.get::<Entry>(public.key()).await?;
    let mut hidden = public.clone();
    hidden.visibility = Visibility::Internal;
    fixture.replace(&public, hidden).await?;
    finds(&fixture, "visible", Scope::Public, &[]).await?;
    finds(&fixture, "visible", Scope::All, &[&case]).await
}

pub(super) async fn find_gathers_words_by_owner(mut fixture: Fixture) -> Outcome {
    let mut cases = Vec::new();
    for subject in ["alpha", "beta", "alpha beta"] {
        let case = bare_case(&mut fixture, subject);
        cases.push(fixture.create(case).await?);
    }
    let [alpha, beta, both] = cases.as_slice() else {
        return Err(Failure("three cases were stored".to_owned()));
    };
    let entries = [
        message(&mut fixture, alpha, "gamma"),
        message(&mut fixture, alpha, "delta"),
        message(&mut fixture, beta, "gamma gamma"),
        note(&mut fixture, beta, "delta"),
    ];
    fixture.commit(entries.iter().map(create).collect()).await?;
    finds(&fixture, "gamma", Scope::All, &[alpha, beta]).await?;
    // The words may be spread over the case and its entries.
    finds(&fixture, "alpha gamma delta", Scope::All, &[alpha]).await?;
    finds(&fixture, "gamma delta", Scope::All, &[alpha, beta]).await?;
    finds(&fixture, "gamma delta", Scope::Public, &[alpha]).await?;
    finds(&fixture, "alpha beta", Scope::All, &[both]).await?;
    finds(&fixture, "alpha beta gamma", Scope::All, &[]).await?;
    // The entries themselves are not what is found.
    let mut entries = Query::all(fixture.workspace, casekit_core::model::Kind::Entry);
    entries.text = asking("gamma");
    equal("entries found", &fixture.ids(&entries).await?, &Vec::new())?;
    // A case that is gone is not found by the entries it left.
    fixture.delete(alpha).await?;
    finds(&fixture, "gamma", Scope::All, &[beta]).await
}

pub(super) async fn find_follows_text_changes(mut fixture: Fixture) -> Outcome {
    let one = bare_case(&mut fixture, "first");
    let two = bare_case(&mut fixture, "second");
    let one = fixture.create(one).await?;
    let two = fixture.create(two).await?;
    let entry = message(&mut fixture, &one, "roaming word");
    let keeper = message(&mut fixture, &one, "word");
    fixture.create(keeper).await?;
    let entry = fixture.create(entry).await?;
    finds(&fixture, "roaming", Scope::All, &[&one]).await?;
    // It moves to the other case, as in a merge: its words go with it.
    let mut moved = entry.clone();
    moved.case = two.id;
    let entry = fixture.replace(&entry, moved).await?;
    finds(&fixture, "roaming", Scope::All, &[&two]).await?;
    finds(&fixture, "word", Scope::All, &[&one, &two]).await?;
    // It is corrected.
    let mut corrected = entry.clone();
    corrected.body = message(&mut fixture, &two, "settled").body;
    let entry = fixture.replace(&entry, corrected).await?;
    finds(&fixture, "roaming", Scope::All, &[]).await?;
    finds(&fixture, "settled second", Scope::All, &[&two]).await?;
    // It is redacted, then deleted.
    let mut redacted = entry.clone();
    redacted.body = Body::Redacted {
        turn: casekit_core::model::Turn::Unchanged,
    };
    let entry = fixture.replace(&entry, redacted).await?;
    finds(&fixture, "settled", Scope::All, &[]).await?;
    fixture.delete(&entry).await?;
    // The subject changes.
    let mut renamed = two.clone();
    renamed.subject = "renamed".to_owned();
    let two = fixture.replace(&two, renamed).await?;
    finds(&fixture, "second", Scope::All, &[]).await?;
    finds(&fixture, "renamed", Scope::All, &[&two]).await?;
    finds(&fixture, "word", Scope::All, &[&one]).await
}

pub(super) async fn find_names_hits(mut fixture: Fixture) -> Outcome {
    let case = bare_case(&mut fixture, "plain");
    let case = fixture.create(case).await?;
    let public = message(&mut fixture, &case, "needle in public");
    let secret = note(&mut fixture, &case, "needle needle haystack");
    fixture
        .commit(vec![create(&public), create(&secret)])
        .await?;
    let checks: [(&str, Scope, Vec<Key>); 5] = [
        ("needle", Scope::All, vec![public.key(), secret.key()]),
        // A customer must not be led to what only staff may see.
        ("needle", Scope::Public, vec![public.key()]),
        ("haystack", Scope::All, vec![secret.key()]),
        ("plain", Scope::All, vec![case.key()]),
        ("plain haystack", Scope::All, vec![case.key(), secret.key()]),
    ];
    for (words, scope, allowed) in checks {
        let mut query = search(&fixture, words, scope);
        for by in [SortBy::Id, SortBy::Relevance] {
            query.sort.by = by;
            query.sort.direction = Direction::Descending;
            let page = fixture.store.find(&query).await?;
            equal("the number of hits", &page.hits.len(), &page.records.len())?;
            equal("the number of records", &page.records.len(), &1)?;
            ensure(page.hits.iter().all(|hit| allowed.contains(hit)), || {
                format!(
                    "the hit of `{words}` in {scope:?} is {:?}, not one of {allowed:?}",
                    page.hits
                )
            })?;
        }
    }
    let page = fixture.store.find(&fixture.cases()).await?;
    equal("hits without a text", &page.hits, &Vec::new())
}

pub(super) async fn find_ranks_by_relevance(mut fixture: Fixture) -> Outcome {
    let known = fixture.populate(40).await?;
    for words in ["printer", "e", "invoice", "p r", "1"] {
        for direction in [Direction::Descending, Direction::Ascending] {
            for limit in [2, 100] {
                let mut query = search(&fixture, words, Scope::All).limit(limit);
                query.sort.by = SortBy::Relevance;
                query.sort.direction = direction;
                // Each once, whatever the order; `agree` compares the membership.
                fixture.agree(&known, &query).await?;
                // And the same order however long the pages are.
                let whole = all_pages(&*fixture.store, &query.clone().limit(500)).await?;
                let paged = all_pages(&*fixture.store, &query).await?;
                equal(
                    "the order in short and long pages",
                    &paged.keys(),
                    &whole.keys(),
                )?;
            }
        }
    }
    Ok(())
}
