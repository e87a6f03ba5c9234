//! Rows Q1, Q2, Q3: filters, orders, pages, search.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::query::Direction;

use crate::world::{World, on_every_store, refused};

/// Ten cases that differ in everything by which cases are found.
async fn ten(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    for number in 0..10_i64 {
        world.minute();
        let customer = if number % 2 == 0 {
            world.carla
        } else {
            world.dirk
        };
        let mut open = OpenCase::new(
            customer,
            ["Übung", "apfel", "Zebra", "Éclair"][(number % 4) as usize],
        );
        open.priority = [Priority::Low, Priority::Urgent][(number % 2) as usize];
        open.tags = [format!("t{}", number % 3)].into();
        open.origin = [Medium::Email, Medium::Phone][(number % 2) as usize];
        open.language = Some("nl".into());
        let case = world.system.run(open).await.unwrap();
        if number % 5 == 0 {
            world
                .anna
                .run(TakeCase {
                    case: (&case).into(),
                })
                .await
                .unwrap();
        }
        if number % 4 == 1 {
            world.minute();
            world.ben.run(Reply::new(&case, "done")).await.unwrap();
            world.ben.run(CloseCase::new(&case, "")).await.unwrap();
        }
        cases.push(world.case(&case).await);
    }
    cases
}

async fn found(world: &World, filter: CaseFilter) -> Vec<u64> {
    let find = FindCases {
        filter,
        sort: CaseSort::Number,
        direction: Direction::Ascending,
        ..FindCases::default()
    };
    let page = world.anna.run(find).await.unwrap();
    page.cases.iter().map(|case| case.number).collect()
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    on_every_store(|world| async move {
        let cases = ten(&world).await;
        type Holds = fn(&Case, &World) -> bool;
        let checks: Vec<(CaseFilter, Holds)> = vec![
            (CaseFilter::Status(Status::Closed), |c, _| {
                c.status == Status::Closed
            }),
            (CaseFilter::Stage("new".into()), |c, _| c.stage == "new"),
            (CaseFilter::Assignee(Some(world.anna_id)), |c, w| {
                c.assignee == Some(w.anna_id)
            }),
            (CaseFilter::Assignee(None), |c, _| c.assignee.is_none()),
            (CaseFilter::Owner(Some(world.anna_id)), |c, w| {
                c.owner == Some(w.anna_id)
            }),
            (CaseFilter::Customer(world.dirk), |c, w| {
                c.customer == w.dirk
            }),
            (CaseFilter::Product(None), |_, _| true),
            (CaseFilter::Organisation(None), |_, _| true),
            (CaseFilter::Tag("t1".into()), |c, _| c.tags.contains("t1")),
            (
                CaseFilter::AnyTag(["t1".to_owned(), "t2".to_owned()].into()),
                |c, _| !c.tags.contains("t0"),
            ),
            (CaseFilter::Origin(Medium::Phone), |c, _| {
                c.origin == Medium::Phone
            }),
            (CaseFilter::Priority(Priority::Low), |c, _| {
                c.priority == Priority::Low
            }),
            (CaseFilter::PriorityAtLeast(Priority::High), |c, _| {
                c.priority >= Priority::High
            }),
            (CaseFilter::Language("nl".into()), |_, _| true),
            (CaseFilter::Flagged(true), |_, _| false),
            (CaseFilter::Awaiting(true), |c, _| {
                c.attention.awaiting_since.is_some()
            }),
            (CaseFilter::Awaiting(false), |c, _| {
                c.attention.awaiting_since.is_none()
            }),
            (CaseFilter::Closed(Period::default()), |c, _| {
                c.closing.is_some()
            }),
            (CaseFilter::CustomerLast(Period::default()), |c, _| {
                c.attention.customer_last_at.is_some()
            }),
            (CaseFilter::Operator(world.ben_id), |c, w| {
                c.operators.contains(&w.ben_id)
            }),
        ];
        for (filter, holds) in checks {
            let wanted = cases
                .iter()
                .filter(|case| holds(case, &world))
                .map(|case| case.number);
            assert_eq!(
                found(&world, filter.clone()).await,
                wanted.collect::<Vec<_>>(),
                "{filter:?}"
            );
            let others = cases
                .iter()
                .filter(|case| !holds(case, &world))
                .map(|case| case.number);
            let not = CaseFilter::Exclude(Box::new(filter));
            assert_eq!(
                found(&world, not.clone()).await,
                others.collect::<Vec<_>>(),
                "{not:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn filters_combine_and_periods_are_half_open() {
    on_every_store(|world| async move {
        let cases = ten(&world).await;
        let period = Period {
            since: Some(cases[2].opened_at),
            until: Some(cases[5].opened_at),
        };
        assert_eq!(found(&world, CaseFilter::Opened(period)).await, [3, 4, 5]);
        let both = CaseFilter::All(vec![
            CaseFilter::Opened(period),
            CaseFilter::Any(vec![
                CaseFilter::Tag("t2".into()),
                CaseFilter::Customer(world.dirk),
            ]),
        ]);
        assert_eq!(found(&world, both).await, [3, 4]);
        assert_eq!(
            found(&world, CaseFilter::Any(vec![])).await,
            Vec::<u64>::new()
        );
    })
    .await;
}

#[tokio::test]
async fn every_order_is_stable_and_its_pages_give_every_case_once_in_both_directions() {
    on_every_store(|world| async move {
        let cases = ten(&world).await;
        for sort in CaseSort::LISTED {
            let mut orders = Vec::new();
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut find = FindCases {
                    sort,
                    direction,
                    limit: 3,
                    ..FindCases::default()
                };
                let mut numbers = Vec::new();
                loop {
                    let page = world.anna.run(find.clone()).await.unwrap();
                    numbers.extend(page.cases.iter().map(|case| case.number));
                    find.after = page.next;
                    if find.after.is_none() {
                        break;
                    }
                }
                orders.push(numbers);
            }
            orders[1].reverse();
            assert_eq!(orders[0], orders[1], "{sort:?}");
            let mut each = orders[0].clone();
            each.sort_unstable();
            assert_eq!(
                each,
                cases.iter().map(|case| case.number).collect::<Vec<_>>(),
                "{sort:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn subjects_sort_without_case_and_accents_and_the_longest_wait_is_the_greatest_age() {
    on_every_store(|world| async move {
        ten(&world).await;
        let find = |sort, direction| FindCases {
            sort,
            direction,
            ..FindCases::default()
        };
        let page = world
            .anna
            .run(find(CaseSort::Subject, Direction::Ascending))
            .await
            .unwrap();
        let mut subjects: Vec<_> = page
            .cases
            .iter()
            .map(|case| case.subject.as_str())
            .collect();
        subjects.dedup();
        assert_eq!(subjects, ["apfel", "Éclair", "Übung", "Zebra"]);
        let page = world
            .anna
            .run(find(CaseSort::SlaAge, Direction::Descending))
            .await
            .unwrap();
        let waits: Vec<_> = page
            .cases
            .iter()
            .map(|case| case.attention.awaiting_since)
            .collect();
        let some: Vec<_> = waits.iter().flatten().collect();
        assert!(some.is_sorted(), "{waits:?}");
        assert!(waits[some.len()..].iter().all(Option::is_none));
    })
    .await;
}

#[tokio::test]
async fn pages_have_no_gap_and_no_double_while_cases_are_opened_and_deleted() {
    on_every_store(|world| async move {
        let cases = ten(&world).await;
        let mut find = FindCases {
            sort: CaseSort::Opened,
            limit: 2,
            ..FindCases::default()
        };
        let mut numbers = Vec::new();
        loop {
            let page = world.anna.run(find.clone()).await.unwrap();
            numbers.extend(page.cases.iter().map(|case| case.number));
            if let Some(last) = page.cases.last().filter(|case| case.number == 7) {
                world
                    .admin
                    .run(DeleteCase { case: last.into() })
                    .await
                    .unwrap();
            }
            world.mail("In between", "x").await;
            find.after = page.next;
            if find.after.is_none() {
                break;
            }
        }
        assert_eq!(
            numbers,
            cases
                .iter()
                .rev()
                .map(|case| case.number)
                .collect::<Vec<_>>()
        );
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    on_every_store(|world| async move {
        ten(&world).await;
        let first = FindCases {
            limit: 2,
            ..FindCases::default()
        };
        let next = world.anna.run(first).await.unwrap().next;
        let other = FindCases {
            sort: CaseSort::Subject,
            after: next,
            ..FindCases::default()
        };
        refused(world.anna.run(other).await, ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn words_are_found_wherever_they_were_said_without_case_and_accents() {
    on_every_store(|world| async move {
        let case = world.mail("Impresora rota", "El cañón no funciona").await;
        let other = world
            .mail_of(world.dirk, "Straße", "De knop is verdwenen")
            .await;
        let note = AddNote::new(&case, "Kundin ist verärgert");
        world.anna.run(note).await.unwrap();
        let search = |text: &str| {
            let (anna, text) = (world.anna.clone(), text.to_owned());
            async move {
                let page = anna.run(SearchCases::new(&text)).await.unwrap();
                page.found
                    .iter()
                    .map(|found| found.case.id)
                    .collect::<Vec<_>>()
            }
        };
        for words in [
            "canon",
            "CAÑÓN",
            "impre",
            "rota funciona",
            "verargert",
            "perez cañon",
            "1 rota",
        ] {
            assert_eq!(search(words).await, [case.id], "{words}");
        }
        for words in ["strasse", "STRASSE", "knop vries", "verdwenen straße"] {
            assert_eq!(search(words).await, [other.id], "{words}");
        }
        for words in ["unciona", "canon knop", "nothing"] {
            assert!(search(words).await.is_empty(), "{words}");
        }
        refused(
            world.anna.run(SearchCases::new(" ?! ")).await,
            ErrorKind::Invalid,
        );
    })
    .await;
}

#[tokio::test]
async fn a_found_case_comes_with_the_entry_and_the_words_around() {
    on_every_store(|world| async move {
        let case = world
            .mail(
                "Printer",
                "The paper tray in the cellar is jammed with marmalade",
            )
            .await;
        let page = world.anna.run(SearchCases::new("marmal")).await.unwrap();
        let found = &page.found[0];
        assert!(found.excerpt.contains("marmalade"), "{}", found.excerpt);
        let entry = world
            .thread(&case)
            .await
            .into_iter()
            .find(|e| Some(e.id) == found.entry)
            .unwrap();
        assert!(matches!(entry.body, Body::Message(_)));
        let by_subject = world.anna.run(SearchCases::new("printer")).await.unwrap();
        assert!(by_subject.found[0].excerpt.starts_with("Printer"));
    })
    .await;
}

#[tokio::test]
async fn a_search_can_be_filtered_sorted_and_paged() {
    on_every_store(|world| async move {
        for subject in ["one printer", "two printers", "three Printer", "phone"] {
            world.minute();
            world.mail(subject, "x").await;
        }
        world.anna.run(CloseCase::new(2, "")).await.unwrap();
        let mut search = SearchCases::new("printer");
        search.filter = CaseFilter::Status(Status::Active);
        (search.sort, search.limit) = (CaseSort::Opened, 1);
        let first = world.anna.run(search.clone()).await.unwrap();
        assert_eq!(first.found[0].case.number, 3);
        search.after = first.next;
        let second = world.anna.run(search).await.unwrap();
        assert_eq!((second.found[0].case.number, second.next), (1, None));
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_was_merged_stands_for_the_one_they_went_into() {
    on_every_store(|world| async move {
        let case = world.mail_of(world.dirk, "Lamp", "x").await;
        let merge = MergeCustomers {
            duplicate: world.dirk,
            into: world.carla,
        };
        world.supervisor.run(merge).await.unwrap();
        let dirk = CaseFilter::Customer(world.dirk);
        assert_eq!(found(&world, dirk.clone()).await, [case.number]);
        let none: [u64; 0] = [];
        let others = CaseFilter::Exclude(Box::new(dirk.clone()));
        assert_eq!(found(&world, others).await, none);
        let either = CaseFilter::Any(vec![CaseFilter::Tag("absent".into()), dirk.clone()]);
        assert_eq!(found(&world, either).await, [case.number]);
        let mut search = SearchCases::new("lamp");
        search.filter = dirk;
        assert_eq!(world.anna.run(search).await.unwrap().found.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_stage_that_there_never_was_is_no_filter() {
    on_every_store(|world| async move {
        let find = FindCases {
            filter: CaseFilter::Exclude(Box::new(CaseFilter::Stage("nwe".into()))),
            ..FindCases::default()
        };
        let error = refused(world.anna.run(find).await, ErrorKind::Invalid);
        assert!(error.message().contains("there are `new`"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn the_expert_of_very_many_products_has_a_case_load() {
    on_every_store(|world| async move {
        let mut products = std::collections::BTreeSet::new();
        for number in 0..1_000 {
            let product = CreateProduct::new(&format!("Product {number}"));
            products.insert(world.admin.run(product).await.unwrap().id);
        }
        let agent = world.anna_id;
        let anna = world.admin.run(GetAgent { agent }).await.unwrap();
        let mut patch = PatchAgent::of(&anna);
        patch.products = Some(products);
        world.admin.run(patch).await.unwrap();
        let case = world.mail("Printer", "x").await;
        let load = world.anna.run(GetCaseLoad::default()).await.unwrap();
        assert_eq!(load.needs_attention.cases[0].id, case.id);
    })
    .await;
}

#[tokio::test]
async fn cases_are_counted_as_they_are_listed() {
    on_every_store(|world| async move {
        let cases = ten(&world).await;
        let up_to = async |at_most, filter| {
            let counted = world.anna.run(CountCases { filter, at_most }).await;
            counted.map(|counted| (counted.count, counted.more))
        };
        let count = async |filter| match up_to(1_000, filter).await.unwrap() {
            (count, false) => count,
            (count, true) => panic!("there are more than {count}"),
        };
        let all = || CaseFilter::All(Vec::new());
        assert_eq!(count(all()).await, 10);
        assert_eq!(count(CaseFilter::Customer(world.carla)).await, 5);
        assert_eq!(up_to(9, all()).await.unwrap(), (9, true));
        assert_eq!(up_to(10, all()).await.unwrap(), (10, false));
        assert_eq!(up_to(11, all()).await.unwrap(), (10, false));
        for wrong in [0, 100_001] {
            let refused = up_to(wrong, all()).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Limit);
        }
        let merge = MergeCases {
            duplicate: (&cases[0]).into(),
            into: (&cases[2]).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        assert_eq!(count(all()).await, 9);
        assert_eq!(count(CaseFilter::Tag("nowhere".into())).await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_excerpt_shows_the_word_wherever_in_the_case_it_was_found() {
    on_every_store(|world| async move {
        let mut open = OpenCase::new(world.carla, "Printer");
        open.description = "It hums".into();
        open.notes = "Broken before".into();
        let case = world.system.run(open).await.unwrap();
        let number = case.number.to_string();
        for word in ["Printer", "hums", "Broken", "Carla", &number] {
            let page = world.anna.run(SearchCases::new(word)).await.unwrap();
            let mut found = page.found.iter().filter(|found| found.case.id == case.id);
            let excerpt = &found.next().unwrap().excerpt;
            assert!(excerpt.contains(word), "{word}: {excerpt}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_tag_is_found_and_taken_away_with_blanks_around_as_without() {
    on_every_store(|world| async move {
        let mut open = OpenCase::new(world.carla, "Printer");
        open.tags = [" vip ".to_owned()].into();
        let case = world.system.run(open).await.unwrap();
        let blank = || " vip ".to_owned();
        for filter in [
            CaseFilter::Tag(blank()),
            CaseFilter::AnyTag([blank(), "other".to_owned()].into()),
        ] {
            assert_eq!(found(&world, filter).await, [case.number]);
        }
        let empty = FindCases {
            filter: CaseFilter::Tag(" ".into()),
            ..FindCases::default()
        };
        refused(world.anna.run(empty).await, ErrorKind::Invalid);
        let untag = TagCase {
            case: (&case).into(),
            add: [].into(),
            remove: [blank()].into(),
        };
        let untagged = world.anna.run(untag).await.unwrap();
        assert_eq!(untagged.tags, [].into());
    })
    .await;
}

#[tokio::test]
async fn a_language_is_the_same_however_its_letters_are_written() {
    on_every_store(|world| async move {
        let mut open = OpenCase::new(world.carla, "Printer");
        open.language = Some("NL-be".into());
        let case = world.system.run(open).await.unwrap();
        assert_eq!(case.language.as_deref(), Some("nl-BE"));
        let by = |tag: &str| CaseFilter::Language(tag.into());
        for tag in ["nl-BE", "nl-be", "NL-BE"] {
            assert_eq!(found(&world, by(tag)).await, [case.number]);
        }
        let mut patch = PatchCase::of(&case);
        patch.language = Some(Some("ZH-hant-tw".into()));
        let case = world.anna.run(patch).await.unwrap();
        assert_eq!(case.language.as_deref(), Some("zh-Hant-TW"));
        let no_tag = FindCases {
            filter: by("Dutch please"),
            ..FindCases::default()
        };
        refused(world.anna.run(no_tag).await, ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn customers_and_agents_keep_their_language_in_its_usual_form() {
    on_every_store(|world| async move {
        let mut contact = Contact::email("Eva", "eva@example.org");
        contact.language = Some("de-at".into());
        let found = FindOrCreateCustomer { contact };
        let eva = world.system.run(found).await.unwrap().customer;
        assert_eq!(eva.language.as_deref(), Some("de-AT"));
        let mut patch = PatchCustomer::of(&eva);
        patch.language = Some(Some("FR-fr".into()));
        let eva = world.anna.run(patch).await.unwrap();
        assert_eq!(eva.language.as_deref(), Some("fr-FR"));
        let mut create = CreateCustomer::new("Fay", "fay@example.org");
        create.language = Some("EN".into());
        let fay = world.anna.run(create).await.unwrap();
        assert_eq!(fay.language.as_deref(), Some("en"));
        let mut create = CreateAgent::new("Gus", "gus@acme.example", Role::Agent);
        create.locale = Some("pt-br".into());
        let gus = world.admin.run(create).await.unwrap();
        assert_eq!(gus.locale.as_deref(), Some("pt-BR"));
        let mut patch = PatchAgent::of(&gus);
        patch.locale = Some(Some("PT".into()));
        let gus = world.admin.run(patch).await.unwrap();
        assert_eq!(gus.locale.as_deref(), Some("pt"));
    })
    .await;
}

#[tokio::test]
async fn a_search_for_more_words_than_count_is_refused() {
    on_every_store(|world| async move {
        let words: Vec<String> = (1..=16).map(|n| format!("word{n}")).collect();
        // What is said twice counts once.
        let most = format!("{} WORD1", words.join(" "));
        let case = world.mail("Printer", &most).await;
        let search = SearchCases::new(&most);
        let page = world.anna.run(search).await.unwrap();
        assert_eq!(page.found[0].case.id, case.id);
        let more = format!("{most} another");
        let carla = world.customer(world.carla);
        let mine = MyCases {
            text: Some(more.clone()),
            ..MyCases::default()
        };
        let answers = [
            world.anna.run(SearchCases::new(&more)).await.err(),
            world.anna.run(FindCustomers::text(&more)).await.err(),
            carla.run(mine).await.err(),
        ];
        for error in answers.map(Option::unwrap) {
            assert_eq!(error.kind(), ErrorKind::Limit);
            assert_eq!(error.message(), "`text` is too long: at most 16 words");
        }
    })
    .await;
}
