//! Small manifests of all kinds of objects and what the check says of them, each with the section that says so.

use super::table::{BEFORE, compare, found, of_stage};

#[test]
fn promotion_engine_2_variables_of_promotions_and_arguments_of_analyses() {
    let steps = "  promotionTemplate: { spec: { steps: [{ uses: act }] } }\n";
    let cases: &[(&str, &[&str])] = &[
        (
            "  vars:\n  - { name: a, value: \"${{ vars.b }}\" }\n  - { name: b, value: \"${{ vars.a }}\" }",
            &["warning[K0408] b: vars.b is nil: no variable of this name is defined before"],
        ),
        (
            "  vars: [{ name: a, value: \"${{ outputs.x.y }}\" }]",
            &[
                "error[K0405] outputs: outputs is always nil, so its member cannot be taken: variables of a promotion see no outputs | always nil",
            ],
        ),
        ("  vars: [{ name: a, value: \"${{ outputs }}\" }]", &[]),
        (
            "  vars: [{ name: a, value: x }]\n  verification:\n    args: [{ name: v, value: \"${{ vars.a }}-${{ ctx.targetFreight.name }}\" }]",
            &[
                "error[K0405] targetFreight: ctx.targetFreight is always nil, so its member cannot be taken: in a verification ctx has project and stage alone | always nil | help: fields here: project, stage",
            ],
        ),
        (
            "  verification:\n    args: [{ name: v, value: \"${{ vars.a }}\" }]",
            &[
                "error[K0405] vars: vars is always nil, so its member cannot be taken: the Stage has no variables | always nil",
            ],
        ),
        (
            "  verification:\n    args: [{ name: v, value: \"${{ 3 }}\" }, { name: w, value: \"${{ quote(3) }}\" }, { name: x, value: \"3\" }]",
            &["error[K0406] ${{ 3 }}: this is never a text, but the number 3"],
        ),
        (
            "  verification:\n    args: [{ name: v, value: \"${{ len(ctx.stage) }}\" }, { name: w, value: \"${{ success() }}\" }]",
            &[
                "error[K0406] len(ctx.stage): this is never a text, but a number",
                "error[K0402] success: success() does not exist in variables and arguments | not known here | help: only `if` and `config` of steps know how steps went",
            ],
        ),
    ];
    let cases: Vec<_> =
        cases.iter().map(|(spec, wanted)| (*spec, of_stage(&format!("{steps}{spec}")), *wanted)).collect();
    compare(&cases);
}

#[test]
fn promotion_engine_3_tasks_are_checked_once() {
    let of_task = |inner: &str, vars: &str| {
        of_stage(&format!(
            "  promotionTemplate:\n    spec:\n      steps:\n      - {{ uses: fetch, as: clone }}\n      \
             - {{ task: {{ name: ship }}, as: ship, vars: [{{ name: given, value: {vars} }}] }}\n      \
             - {{ uses: act, config: {{ a: \"${{{{ outputs.ship.x }}}} ${{{{ outputs['ship::push'].x }}}}\" }} }}\n---\n\
             apiVersion: kargo.akuity.io/v1alpha1\nkind: PromotionTask\nmetadata: {{ name: ship, namespace: shop }}\nspec:\n  \
             vars: [{{ name: input }}]\n  steps:\n  - {{ uses: push, as: push }}\n  - uses: act\n    {inner}"
        ))
    };
    let cases: &[(&str, &str, &[&str])] = &[
        ("config: { a: \"${{ task.outputs.push.x }} ${{ vars.input }} ${{ vars.given }}\" }", "x", &[]),
        (
            "config: { a: \"${{ task.outputs.clone.x }} ${{ outputs.clone.x }} ${{ outputs.clon.x }}\" }",
            "x",
            &[
                "error[K0409] clone: task.outputs.clone is always nil, so its member cannot be taken: no earlier step of the task has this alias | always nil | help: earlier steps here: push | note: used by Stage uat through PromotionTask ship, step 2",
                "warning[K0409] clon: outputs.clon is nil: no earlier step has this alias | help: did you mean \"clone\"? (earlier steps here: clone) | note: used by Stage uat through PromotionTask ship, step 2",
            ],
        ),
        (
            "if: \"${{ status('push') == 'Failed' || status('clone') == 'Failed' }}\"",
            "x",
            &[
                "warning[K0409] 'clone': status(\"clone\") is always the empty text: no earlier step has this alias | help: earlier steps here: push, step-2 | note: used by Stage uat through PromotionTask ship, step 2",
            ],
        ),
        (
            "config: { a: \"${{ imageFrom('ghcr.io/acme/shared').Tag }} ${{ target.params.x }} ${{ vars.nope }}\" }",
            "x",
            &[
                "error[K0411] 'ghcr.io/acme/shared': imageFrom cannot tell which image of ghcr.io/acme/shared is meant: 2 subscriptions bring one | brought by Warehouse base and twin | help: name the origin as last argument: warehouse(\"base\") | note: used by Stage uat through PromotionTask ship, step 2",
                "warning[K0405] target: target is always nil, so its member cannot be taken: the Stage has no targets | always nil | note: used by Stage uat through PromotionTask ship, step 2",
                "warning[K0408] nope: vars.nope is nil: no variable of this name is defined before | help: variables here: given, input | note: used by Stage uat through PromotionTask ship, step 2",
            ],
        ),
        (
            "config: { a: b }",
            "\"${{ task.outputs.push.x }} ${{ vars.input }} ${{ outputs.clon.x }} ${{ outputs['ship::push'].x }}\"",
            &[
                "error[K0409] clon: outputs.clon is always nil, so its member cannot be taken: no earlier step has this alias | always nil | help: did you mean \"clone\"? (earlier steps here: clone)",
            ],
        ),
    ];
    let cases: Vec<_> = cases.iter().map(|(inner, vars, wanted)| (*inner, of_task(inner, vars), *wanted)).collect();
    compare(&cases);
}

#[test]
fn rules_15_lists_of_loops() {
    let of_loop = |list: &str| {
        of_stage(&format!(
            "  vars: [{{ name: plain, value: \"[1]\" }}, {{ name: late, value: \"${{{{ secret('x').y }}}}\" }}]\n  \
             promotionTemplate:\n    spec:\n      steps:\n      - task: {{ name: ship }}\n        \
             as: ship\n        forEach: {{ in: {list}, as: each }}\n---\n\
             apiVersion: kargo.akuity.io/v1alpha1\nkind: PromotionTask\nmetadata: {{ name: ship, namespace: shop }}\nspec:\n  \
             steps:\n  - {{ uses: push, config: {{ a: \"${{{{ vars.each }}}}\" }} }}"
        ))
    };
    let cases: &[(&str, &[&str])] = &[
        ("\"${{ ['eu', 'us'] }}\"", &[]),
        ("\"['eu', ctx.stage]\"", &[]),
        ("\"${{ vars.plain }}\"", &[]),
        (
            "\"${{ vars.late }}\"",
            &[
                "error[K0407] late: the list of a loop is made when the promotion is created, and vars.late depends on a secret or config map, which is resolved later | not known yet",
            ],
        ),
        (
            "\"${{ keys(configMap('x')) }}\"",
            &[
                "error[K0407] configMap: the list of a loop is made when the promotion is created, and configMap() is resolved later | not known yet",
            ],
        ),
        (
            "\"${{ outputs.clone.list }}\"",
            &[
                "error[K0407] outputs: the list of a loop is made when the promotion is created, and outputs is what steps leave, none of which ran | not known yet",
            ],
        ),
        (
            "\"${{ success() ? [1] : [2] }}\"",
            &[
                "error[K0407] success: the list of a loop is made when the promotion is created, and success() is about steps, none of which ran | not known yet",
            ],
        ),
        ("\"${{ 3 }}\"", &["error[K0406] ${{ 3 }}: this is never a list, but the number 3"]),
        ("\"${{ {a: 1} }}\"", &["error[K0406] ${{ {a: 1} }}: this is never a list, but an object"]),
    ];
    let cases: Vec<_> = cases.iter().map(|(list, wanted)| (*list, of_loop(list), *wanted)).collect();
    compare(&cases);
}

#[test]
fn discovery_1_8_3_8_rules_8_warehouses_and_junctions() {
    let warehouse = |body: &str| {
        found(&format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: {{ name: cart, namespace: shop }}\nspec:\n  \
             subscriptions:\n  - image: {{ repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 }}\n  \
             - git: {{ repoURL: \"https://github.com/acme/cart.git\"{body}\n"
        ))
    };
    let junction = |body: &str| {
        found(&format!(
            "{BEFORE}---\napiVersion: kargo-core.rs/v1alpha1\nkind: Junction\nmetadata: {{ name: train, namespace: shop }}\nspec:\n  \
             requestedFreight:\n  - {{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ direct: true }} }}\n  {body}\n"
        ))
    };
    let criteria = |text: &str| warehouse(&format!(" }}\n  freightCreationCriteria:\n    expression: {text}"));
    let filter = |text: &str| warehouse(&format!(" , expressionFilter: \"{text}\" }}"));
    let tags =
        |text: &str| warehouse(&format!(", commitSelectionStrategy: NewestTag, expressionFilter: \"{text}\" }}"));
    compare(&[
        (
            "criteria, right",
            criteria("imageFrom('GHCR.io/acme/cart').Tag == commitFrom('https://github.com/acme/cart').Tag"),
            &[],
        ),
        (
            "criteria, unknown image",
            criteria("imageFrom('ghcr.io/acme/catr').Tag == 'x'"),
            &[
                "warning[K0410] 'ghcr.io/acme/catr': this Warehouse does not subscribe to image ghcr.io/acme/catr | the result is nil | help: did you mean \"ghcr.io/acme/cart\"? (subscriptions here: ghcr.io/acme/cart)",
            ],
        ),
        (
            "criteria, origin",
            criteria("imageFrom('ghcr.io/acme/cart', warehouse('cart')).Tag == 'x'"),
            &[
                "error[K0404] imageFrom: too many arguments to call imageFrom | help: it is called as imageFrom(repoURL)",
            ],
        ),
        (
            "criteria, versions",
            criteria("semverDiff('1', '2') == 'Major'"),
            &["error[K0402] semverDiff: semverDiff() does not exist in a Warehouse's criteria | not known here"],
        ),
        (
            "criteria, template",
            criteria("\"${{ true }}\""),
            &["error[K0401] {: unexpected token Bracket(\"{\") | help: write the expression alone, without ${{ }}"],
        ),
        (
            "criteria, list",
            criteria("\"[imageFrom('ghcr.io/acme/cart').Tag]\""),
            &["error[K0406] [imageFrom('ghcr.io/acme/cart').Tag]: this is never a truth value, but a list"],
        ),
        (
            "criteria, names",
            criteria("ctx.project == 'x'"),
            &["error[K0405] ctx: ctx is not known here, so it is nil and its member cannot be taken | always nil"],
        ),
        (
            "criteria, field",
            criteria("commitFrom('https://github.com/acme/cart').Message == 'x'"),
            &[
                "error[K0403] Message: type v1alpha1.DiscoveredCommit has no field Message | help: there are ID, Branch, Tag, Subject, Author, Committer, CreatorDate",
            ],
        ),
        ("filter, right", filter("subject contains 'x' and commitDate.Year() > 2020"), &[]),
        (
            "filter, tag of a branch",
            filter("tag == 'x' or creatorDate.Year() > 2020"),
            &[
                "warning[K0408] tag: tag is not known here, so it is nil | not known | help: names here: author, commitDate, committer, id, subject",
                "warning[K0405] creatorDate: creatorDate is not known here, so it is nil and its member cannot be taken | always nil | help: names here: author, commitDate, committer, id, subject",
            ],
        ),
        (
            "filter, always",
            filter("creatorDate.Year() > 2020"),
            &[
                "error[K0405] creatorDate: creatorDate is not known here, so it is nil and its member cannot be taken | always nil | help: names here: author, commitDate, committer, id, subject",
            ],
        ),
        (
            "filter of tags",
            tags("tagger == 'x' and creatorDate.Year() > 2020 and message == 'x'"),
            &[
                "warning[K0408] message: message is not known here, so it is nil | not known | help: names here: annotation, author, committer, creatorDate, id, subject, tag, tagger",
            ],
        ),
        (
            "filter, type",
            filter("subject == 1"),
            &[
                "warning[K0412] ==: subject is a text, which is never equal to a number | always the same result | help: write \"1\", with quotes",
            ],
        ),
        (
            "junction, right",
            junction(
                "release: { criteria: { expression: \"semverParse(imageFrom('ghcr.io/acme/cart').Tag).Major() == 2\" } }",
            ),
            &[],
        ),
        (
            "junction, around",
            junction("release: { criteria: { expression: \"${{ imageFrom('ghcr.io/acme/base').Tag == 'x' }}\" } }"),
            &[
                "warning[K0410] 'ghcr.io/acme/base': no requested Warehouse subscribes to image ghcr.io/acme/base | the result is nil | help: did you mean \"ghcr.io/acme/cart\"? (subscriptions here: ghcr.io/acme/cart)",
            ],
        ),
        (
            "junction, sequence",
            junction("release: { criteria: { expression: \"ctx.sequence > 1\" } }"),
            &["warning[K0408] sequence: ctx.sequence is nil: the release number is known in alias alone"],
        ),
        ("alias, right", junction("alias: \"train-${{ ctx.sequence }}\""), &[]),
        (
            "alias, wrong",
            junction("alias: \"train-${{ ctx.seqence }}-${{ status('x') }}\""),
            &[
                "warning[K0408] seqence: ctx.seqence is nil: ctx has sequence, the release number | help: did you mean \"sequence\"? (fields here: sequence)",
                "error[K0402] status: status() does not exist in a Junction's alias | not known here | help: only `if` and `config` of steps know how steps went",
            ],
        ),
    ]);
}

#[test]
fn promotion_engine_1_3_an_alias_that_looks_like_that_of_an_inner_step() {
    let of_alias = |alias: &str| {
        of_stage(&format!(
            "  promotionTemplate:\n    spec:\n      steps:\n      - {{ uses: fetch, as: \"a::b\" }}\n      \
             - {{ uses: act, as: \"{alias}\", config: {{ x: \"${{{{ task.outputs.b }}}} ${{{{ status('b') }}}}\" }} }}"
        ))
    };
    assert_eq!(of_alias("a::c"), [""; 0]);
    let codes: Vec<_> = of_alias("c").iter().map(|line| line[..14].to_owned()).collect();
    assert_eq!(codes, ["error[K0405] t", "warning[K0409]"]);
}
