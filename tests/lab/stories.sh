# A Friday afternoon at Elm Row Primary School, told by its devices. Sourced after clients.sh.
#
# Each story is a function story_NN. It says in the truth log, right before the name is asked for,
# what an observer of the mirror port should make of it.

tell_all_stories() {
    local story
    for story in $(compgen -A function story_ | grep -E '^story_[0-9]{2}$'); do
        "$story"
        sleep 3
    done
}

# title STORY WORDS
title() {
    STORY=$1 TITLE=$2
    printf '%s  story %s: %s\n' "$(iso_time "$(story_clock)")" "$STORY" "$TITLE" >&2
}

# expect DEVICE NAME CATEGORY CERTAINTY RUNG [ACCOUNT…]
expect() {
    local device=$1 name=$2 category=$3 certainty=$4 rung=$5
    shift 5
    write_truth "$device" "$(jq -nc --args '{category: $ARGS.positional[0], certainty: $ARGS.positional[1],
        rung: $ARGS.positional[2], accounts: $ARGS.positional[3:]}' "$category" "$certainty" "$rung" "$@")" "$name"
}

# expect_nothing DEVICE NAME… : no case, no name, no count.
expect_nothing() {
    local device=$1
    shift
    write_truth "$device" null "$@"
}

write_truth() {
    local device=$1 expected=$2
    shift 2
    jq -nc --argjson story "$STORY" --arg title "$TITLE" --arg time "$(iso_time "$(story_clock)")" \
        --arg device "$device" --arg mac "$(facts_of "$device" 2)" --argjson addresses "$(addresses_of "$device")" \
        --argjson expect "$expected" --args '{$story, $title, $time, $device, $mac, $addresses,
        names: $ARGS.positional, $expect}' "$@" >>"$STATE/stories.jsonl"
}

# iso_time MICROSECONDS
iso_time() {
    local fraction
    printf -v fraction '%06d' $(($1 % 1000000))
    date -u -d "@$(($1 / 1000000))" "+%Y-%m-%dT%H:%M:%S.${fraction}Z"
}

# let_proof_settle : RADIUS tells time in whole seconds, and an observer may allow two more for a
# clock that is wrong. Nothing that a story calls proven happens closer than that to a proof.
let_proof_settle() {
    sleep 3
}

story_01() {
    title 1 "Ordinary traffic: nothing in it is anybody's business"
    switch_on pc1
    machine_logs_in pc1
    ordinary pc1 fetch weather.example.net
    switch_on pc2
    machine_logs_in pc2
    switch_on pc3
    machine_logs_in pc3
    switch_on leadlaptop
    machine_logs_in leadlaptop
    log_in leadlaptop d.lead tcp
    ordinary leadlaptop fetch library.elmrow.example
    ordinary leadlaptop open_page www.example.org
    ordinary pc2 fetch_with_old_tls news.example.net
}

# ordinary DEVICE VERB NAME : of no interest to any rule.
ordinary() {
    expect_nothing "$1" "$3"
    "$2" "$1" "$3"
}

story_02() {
    title 2 "A pupil's account is logged in on PC1; the extremism test page loads"
    log_in pc1 a.pupil
    ordinary pc1 fetch homework.example
    expect pc1 c03.test.wardline.example C03 likely loaded a.pupil
    open_page pc1 c03.test.wardline.example
}

story_03() {
    title 3 "A teacher's account is logged in on a staff laptop; the adult test page loads"
    switch_on stafflaptop
    machine_logs_in stafflaptop
    log_in stafflaptop t.staff tcp
    ordinary stafflaptop fetch library.elmrow.example
    expect stafflaptop c08.test.wardline.example C08 likely loaded t.staff
    open_page stafflaptop c08.test.wardline.example
}

story_04() {
    title 4 "A tablet has the class account of 3B; the stranger chat test page loads between two proofs of it"
    account Start 5F3A-0007 class3b ipad07
    switch_on ipad07
    account Interim-Update 5F3A-0007 class3b ipad07 "$(ipv4_of ipad07)"
    let_proof_settle
    ordinary ipad07 fetch times-tables.example
    expect ipad07 c05a.test.wardline.example C05a proven_shared loaded class3b
    open_page ipad07 c05a.test.wardline.example
    let_proof_settle
    account Interim-Update 5F3A-0007 class3b ipad07 "$(ipv4_of ipad07)"
    sleep 1
    account Stop 5F3A-0007 class3b ipad07 "$(ipv4_of ipad07)"
}

story_05() {
    title 5 "A pupil's and a teacher's account are both logged in on PC2; the adult test page loads"
    log_in pc2 b.pupil
    ordinary pc2 fetch homework.example
    log_in pc2 t.staff
    expect pc2 c08.test.wardline.example C08 one_of loaded b.pupil t.staff
    open_page pc2 c08.test.wardline.example
}

story_06() {
    title 6 "A device that nobody knows asks for the filter bypass test page"
    switch_on stranger
    expect stranger c15.test.wardline.example C15 device_only loaded
    look_up stranger c15.test.wardline.example
    fetch stranger c15.test.wardline.example
}

story_07() {
    title 7 "Helplines are asked for on PC1: nothing of it may appear anywhere"
    expect_nothing pc1 www.childline.org.uk childline.org.uk samaritans.org
    fetch pc1 www.childline.org.uk
    fetch pc1 childline.org.uk
    look_up pc1 samaritans.org
}

story_08() {
    title 8 "A wrong password opens nothing; an account with an accent in its name logs in; the gambling test page loads"
    mistype_password pc3 c.pupil
    log_in pc3 müller.k
    expect pc3 c14.test.wardline.example C14 likely loaded müller.k
    open_page pc3 c14.test.wardline.example
}

story_09() {
    title 9 "The Headteacher's account is logged in on her laptop; the adult test page loads"
    switch_on headlaptop
    machine_logs_in headlaptop
    log_in headlaptop j.head
    ordinary headlaptop fetch news.example.net
    expect headlaptop c08.test.wardline.example C08 likely loaded j.head
    open_page headlaptop c08.test.wardline.example
}

story_10() {
    title 10 "A test name is looked up on PC3 and never connected to"
    expect pc3 c02.test.wardline.example C02 likely looked_up müller.k
    look_up pc3 c02.test.wardline.example
}

story_11() {
    title 11 "A backup task takes a ticket on PC1 beside the pupil's; the weapons test page refuses the connection"
    get_ticket pc1 svc.backup "cifs/dc.$DOMAIN"
    expect pc1 c09a.test.wardline.example C09a likely refused a.pupil
    fetch_in_vain pc1 c09a.test.wardline.example
}

story_12() {
    title 12 "A phone has a pupil's own account; the drugs test page loads between two proofs of it"
    account Start 5F3A-0012 c.pupil phone
    switch_on phone
    account Interim-Update 5F3A-0012 c.pupil phone "$(ipv4_of phone)"
    let_proof_settle
    ordinary phone fetch times-tables.example
    expect phone c10a.test.wardline.example C10a proven loaded c.pupil
    open_page phone c10a.test.wardline.example
    let_proof_settle
    account Interim-Update 5F3A-0012 c.pupil phone "$(ipv4_of phone)"
    sleep 1
    account Stop 5F3A-0012 c.pupil phone "$(ipv4_of phone)"
}

story_13() {
    title 13 "A visitor's laptop has the guest account; the dating test page loads"
    account Start 5F3A-0013 guest1 visitor
    switch_on visitor
    account Interim-Update 5F3A-0013 guest1 visitor "$(ipv4_of visitor)"
    let_proof_settle
    ordinary visitor fetch weather.example.net
    expect visitor c13.test.wardline.example C13 proven_shared loaded guest1
    open_page visitor c13.test.wardline.example
    let_proof_settle
    account Interim-Update 5F3A-0013 guest1 visitor "$(ipv4_of visitor)"
}
