package bot_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yishi/bot"
	"yishi/configs/locale"
	"yishi/models"
	"yishi/models/forumtest"
	"yishi/models/rules"
	"yishi/wechat"
)

const huaiying, urban = "YD-YS-TX-HY", "YD-YS-urban"

// stage is the sample city with a bot, and what a dialogue has seen of it.
//
//	who> text        typed; #1 is the first receipt number that was told,
//	                 {totp} the secretary's one-time code,
//	                 {code} the digits on the screen, {scene} what its QR code
//	                 says, {seen} the digits that "staff look" noted, {long}
//	                 10,000 characters, {zero} none that can be seen, ⏎ the end
//	                 of a line
//	who@scan point   also @follow [point], @unfollow, @at lat,lng [name], @image,
//	                 @voice [what WeChat heard], @click key, @again (the last
//	                 event, once more)
//	clock +10m       time passes
//	staff ...        see staffDeeds
type stage struct {
	*forumtest.Stage
	bot      *bot.Bot
	deliver  func(context.Context, wechat.Event) (string, error) // the bot's, or what stands before it
	receipts []string
	last     map[string]wechat.Event
	messages int
	pictures int
	session  *models.Session
	poll     *models.PollView
	seen     string
}

func newStage(t *testing.T, text locale.Catalog) *stage {
	t.Helper()
	return stageOn(t, text, forumtest.New(t, forumtest.SQLite(t)))
}

func stageOn(t *testing.T, text locale.Catalog, s *forumtest.Stage) *stage {
	t.Helper()
	b, err := bot.New(s.Forum, text, "https://yishi.example")
	if err != nil {
		t.Fatal(err)
	}
	return &stage{Stage: s, bot: b, deliver: b.Answer, last: map[string]wechat.Event{}}
}

// identity is who somebody is to WeChat: a person of the sample city by the
// beginning of the name, or a stranger.
func (s *stage) identity(who string) models.Identity {
	for _, r := range s.City.Sample.Residents {
		if strings.HasPrefix(r.Name, who) {
			return forumtest.Identify(r.Name)
		}
	}
	for _, shop := range s.City.Sample.Shops {
		if strings.HasPrefix(shop.Person, who) {
			return forumtest.Identify(shop.Person)
		}
	}
	return forumtest.Identify(who)
}

func (s *stage) person(who string) string { return s.identity(who).OpenID }

var typed, acted = regexp.MustCompile(`^([^\s>@#]+)> (.*)$`), regexp.MustCompile(`^([^\s>@#]+)@(\w+) ?(.*)$`)

// play plays one line and returns the lines of the answer.
func (s *stage) play(t *testing.T, line string) string {
	t.Helper()
	switch {
	case line == "", strings.HasPrefix(line, "#"):
		return ""
	case strings.HasPrefix(line, "clock "):
		d, err := time.ParseDuration(strings.TrimPrefix(line, "clock +"))
		if err != nil {
			t.Fatal(err)
		}
		s.Clock.Pass(d)
		return ""
	case strings.HasPrefix(line, "staff "):
		s.staff(t, strings.Fields(line)[1:])
		return ""
	}
	var who string
	var e wechat.Event
	if m := typed.FindStringSubmatch(line); m != nil {
		who, e = m[1], wechat.Event{Kind: wechat.KindText, Text: s.filled(t, m[2])}
	} else if m := acted.FindStringSubmatch(line); m != nil {
		who, e = m[1], s.event(t, m[1], m[2], m[3])
	} else {
		t.Fatalf("not understood: %s", line)
	}
	reply, err := s.say(t, who, e)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if reply == "" {
		return "<   (nothing)\n"
	}
	return "<   " + strings.ReplaceAll(s.masked(reply), "\n", "\n<   ") + "\n"
}

func (s *stage) say(t *testing.T, who string, e wechat.Event) (string, error) {
	t.Helper()
	e.AppID, e.OpenID = forumtest.App, s.person(who)
	if e.MsgID == "" {
		s.messages++
		e.MsgID = strconv.Itoa(s.messages)
	}
	s.last[who] = e
	return s.deliver(t.Context(), e)
}

func (s *stage) event(t *testing.T, who, what, arg string) wechat.Event {
	t.Helper()
	if p, ok := s.City.Points[arg]; ok {
		arg = fmt.Sprintf("p%d", p.ID)
	}
	arg = s.filled(t, arg)
	switch what {
	case "scan":
		return wechat.Event{Kind: wechat.KindScan, Scene: arg}
	case "follow":
		return wechat.Event{Kind: wechat.KindSubscribe, Scene: arg}
	case "unfollow":
		return wechat.Event{Kind: wechat.KindUnsubscribe}
	case "image":
		s.pictures++
		return wechat.Event{Kind: wechat.KindImage, MediaID: fmt.Sprint("medium-", s.pictures)}
	case "voice":
		return wechat.Event{Kind: wechat.KindVoice, MediaID: "m", Text: arg}
	case "click":
		return wechat.Event{Kind: wechat.KindClick, Key: arg}
	case "again":
		return s.last[who]
	case "at":
		position, label, _ := strings.Cut(arg, " ")
		e := wechat.Event{Kind: wechat.KindLocation, Text: label}
		if _, err := fmt.Sscanf(position, "%f,%f", &e.Lat, &e.Lng); err != nil {
			t.Fatal(err)
		}
		return e
	}
	t.Fatalf("no event %q", what)
	return wechat.Event{}
}

// filled puts in what a dialogue cannot know.
func (s *stage) filled(t *testing.T, text string) string {
	t.Helper()
	for i, r := range slices.Backward(s.receipts) {
		text = strings.ReplaceAll(text, fmt.Sprintf("#%d", i+1), r)
	}
	if strings.Contains(text, "{code}") {
		text = strings.ReplaceAll(text, "{code}", s.screen(t).Code)
	}
	if strings.Contains(text, "{scene}") {
		text = strings.ReplaceAll(text, "{scene}", s.screen(t).Scene)
	}
	if strings.Contains(text, "{totp}") {
		text = strings.ReplaceAll(text, "{totp}", check[string](t)(totp.GenerateCode(s.deskLogin().Secret, s.Clock.Now())))
	}
	return strings.NewReplacer("⏎", "\n", "{seen}", s.seen, "{long}", strings.Repeat("路灯坏了没人修。", 1250), "{zero}", "\u200b\u200d\ufeff",
		"{300}", strings.Repeat("路灯坏了没人修。", 38)).Replace(text)
}

func (s *stage) screen(t *testing.T) *models.SiteCode {
	t.Helper()
	code, err := s.SessionCode(t.Context(), s.City.Secretary(huaiying), s.session.ID)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

var (
	receipt = regexp.MustCompile(`\d{3} \d{3} \d{3}|\d{9}`)
	proof   = regexp.MustCompile(`回执码 [2-9A-Z]+`)
	onsite  = regexp.MustCompile(`现场码：\d{6}`)
	tie     = regexp.MustCompile(`\b\d{4} \d{4}\b`)
	link    = regexp.MustCompile(`#[\w-]{20,}`)
)

// masked replaces what differs from run to run.
func (s *stage) masked(reply string) string {
	reply = receipt.ReplaceAllStringFunc(reply, func(found string) string {
		number, err := rules.ReadReceipt(found)
		if err != nil || number == "123456789" {
			return found
		}
		i := slices.Index(s.receipts, number)
		if i < 0 {
			i = len(s.receipts)
			s.receipts = append(s.receipts, number)
		}
		return fmt.Sprintf("#%d", i+1)
	})
	reply = link.ReplaceAllString(reply, "#******")
	reply = onsite.ReplaceAllString(reply, "现场码：******")
	reply = tie.ReplaceAllString(reply, "**** ****")
	return proof.ReplaceAllString(reply, "回执码 ******")
}

// staff does what the staff of 槐影社区 do meanwhile:
//
//	accept #1 PACK         takes the matter up and accepts it
//	ask #1 words           asks the raiser for more
//	session POINT +24h #1  plans and announces a session
//	open · look            opens it; notes what the screen shows
//	poll #1 question       opens a poll, under PACK=code and for unit=m4 if named,
//	                       by METHOD=rank on options=a,b, with most=2,
//	                       a secret one if it says SECRET
//	closepoll              closes it
//	done #1                has the matter done without a session
//	merge #1 #2            joins two matters
//	confirm · ban WHO      confirms who asked to be known; shuts somebody out
//	alliance NAME          founds another alliance
//	member                 confirms the shops that asked to join
//	tie WHO                somebody is told a code in the mini-program, noted as {seen}
//	late                   marks what is late
//	known WHO ORG          makes somebody known in another community
//	grow N                 founds N more communities
//	appoint WHO [new]      makes the account the secretary's, who is new to the console
//	takeup                 takes up what was raised
//	home WHO NUMBER        makes somebody the owner of another home
//	help WHO words [FOR]   has somebody write a matter down for who has no phone, or
//	                       for who has one
func (s *stage) staff(t *testing.T, words []string) {
	t.Helper()
	do := map[string]func(*testing.T, []string){
		"accept": s.accept, "ask": s.ask, "session": s.announce, "open": s.open, "look": s.look, "poll": s.put,
		"closepoll": s.closePoll, "done": s.done, "merge": s.merge, "confirm": s.confirm, "ban": s.ban, "alliance": s.found,
		"member": s.admit, "home": s.home, "late": s.late, "known": s.known, "petition": s.start, "sign": s.sign, "grow": s.grow, "help": s.help, "tie": s.tie,
		"appoint": s.appoint, "takeup": s.takeUp,
	}[words[0]]
	if do == nil {
		t.Fatalf("staff cannot %s", words[0])
	}
	do(t, words[1:])
}

func check[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (s *stage) desk() models.Actor { return s.City.Secretary(huaiying) }

// topic is the id of the matter with a receipt such as #1.
func (s *stage) topic(t *testing.T, mark string) int64 {
	t.Helper()
	return check[*models.TopicView](t)(s.TopicByReceipt(t.Context(), s.desk(), s.filled(t, mark))).ID
}

func (s *stage) accept(t *testing.T, words []string) {
	t.Helper()
	check[int](t)(s.TakeUpTopics(t.Context(), 100))
	check[*models.Topic](t)(s.AcceptTopic(t.Context(), s.desk(), s.topic(t, words[0]), models.Acceptance{Item: "3.02", Pack: words[1]}))
}

func (s *stage) ask(t *testing.T, words []string) {
	t.Helper()
	check[int](t)(s.TakeUpTopics(t.Context(), 100))
	check[*models.Topic](t)(s.AskTopic(t.Context(), s.desk(), s.topic(t, words[0]), words[1]))
}

func (s *stage) announce(t *testing.T, words []string) {
	t.Helper()
	wait, err := time.ParseDuration(words[1])
	if err != nil {
		t.Fatal(err)
	}
	n := models.NewSession{OrgID: s.Org(huaiying), PointID: s.City.Points[words[0]].ID, StartsAt: s.Clock.Now().Add(wait), Due: 1}
	for _, mark := range words[2:] {
		n.Topics = append(n.Topics, s.topic(t, mark))
	}
	s.session = check[*models.Session](t)(s.CreateSession(t.Context(), s.desk(), n))
	s.session = check[*models.Session](t)(s.AnnounceSession(t.Context(), s.desk(), s.session.ID, "急事"))
}

func (s *stage) open(t *testing.T, _ []string) {
	t.Helper()
	s.session = check[*models.Session](t)(s.OpenSession(t.Context(), s.desk(), s.session.ID))
}

func (s *stage) look(t *testing.T, _ []string) { t.Helper(); s.seen = s.screen(t).Code }

func (s *stage) put(t *testing.T, words []string) {
	t.Helper()
	n := models.NewPoll{SessionID: s.session.ID, TopicID: s.topic(t, words[0]), Question: words[1]}
	for _, w := range words[2:] {
		if pack, ok := strings.CutPrefix(w, "PACK="); ok {
			n.Pack = pack
		}
		if method, ok := strings.CutPrefix(w, "METHOD="); ok {
			n.Method = rules.Method(method)
		}
		if options, ok := strings.CutPrefix(w, "options="); ok {
			n.Options = strings.Split(options, ",")
		}
		if most, ok := strings.CutPrefix(w, "most="); ok {
			n.Most = check[int](t)(strconv.Atoi(most))
		}
		if w == "SECRET" {
			n.Secret = &models.NewSecrecy{Disclosure: rules.DiscloseKey, Crowd: 5, Holders: s.keepers(t)}
		}
		if shop, ok := strings.CutPrefix(w, "shop="); ok {
			n.Stakeholders = append(n.Stakeholders, s.member(t, shop))
		}
		if wait, ok := strings.CutPrefix(w, "until=+"); ok {
			d := check[time.Duration](t)(time.ParseDuration(wait))
			at := s.Clock.Now().Add(d)
			n.ClosesAt = &at
		}
	}
	s.poll = check[*models.PollView](t)(s.OpenPoll(t.Context(), s.desk(), n))
}

// keepers are who may hold the shares of a secret poll.
func (s *stage) keepers(t *testing.T) []int64 {
	t.Helper()
	watch := check[*models.Credentials](t)(s.CreateStaff(t.Context(), models.Operator, models.NewStaff{Name: "督导(示例)", Login: "watch-bot", Role: rules.Supervisor, OrgID: s.Org(huaiying)}))
	var neighbour int64
	for _, r := range s.City.Sample.Residents {
		if r.Org == huaiying && r.Office == "" {
			neighbour = s.City.Residents[r.Name].PersonID
		}
	}
	return []int64{s.desk().PersonID, watch.PersonID, neighbour}
}

// member is the unit of a shop of the sample city.
func (s *stage) member(t *testing.T, shop string) string {
	t.Helper()
	for _, m := range check[[]models.Member](t)(s.Members(t.Context(), models.Operator, s.City.Alliance.ID)) {
		if strings.HasPrefix(m.Name, shop) {
			return fmt.Sprintf("m%d", m.ID)
		}
	}
	t.Fatalf("no shop %s", shop)
	return ""
}

func (s *stage) closePoll(t *testing.T, _ []string) {
	t.Helper()
	check[*models.PollView](t)(s.ClosePoll(t.Context(), s.desk(), s.poll.ID))
}

func (s *stage) done(t *testing.T, words []string) {
	t.Helper()
	ctx := t.Context()
	check[int](t)(s.TakeUpTopics(ctx, 100))
	id := s.topic(t, words[0])
	if check[*models.TopicView](t)(s.Topic(ctx, s.desk(), id)).State == rules.TopicTriage {
		check[*models.Topic](t)(s.OrderTopic(ctx, s.desk(), id, s.Org(urban), "去看看", s.Clock.Now().AddDate(0, 0, 3)))
	}
	handler := s.City.Officer(rules.Handler, urban)
	for _, o := range check[[]models.Order](t)(s.TopicOrders(ctx, s.desk(), id)) {
		if o.State == models.OrderIssued {
			check[*models.Order](t)(s.SignOrder(ctx, handler, o.ID))
		}
		check[*models.Order](t)(s.FinishOrder(ctx, handler, o.ID, "修好了"))
	}
}

func (s *stage) merge(t *testing.T, words []string) {
	t.Helper()
	check[int](t)(s.TakeUpTopics(t.Context(), 100))
	check[*models.Topic](t)(s.MergeTopic(t.Context(), s.desk(), s.topic(t, words[0]), s.topic(t, words[1])))
}

func (s *stage) confirm(t *testing.T, _ []string) {
	t.Helper()
	for _, c := range check[[]models.CapacityView](t)(s.AskedCapacities(t.Context(), s.desk(), s.Org(huaiying))) {
		check[*models.Capacity](t)(s.ConfirmCapacity(t.Context(), s.desk(), c.ID, true))
	}
}

func (s *stage) ban(t *testing.T, words []string) {
	t.Helper()
	who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[0])))
	check[models.None](t)(s.BanPerson(t.Context(), models.Operator, who.PersonID, true))
}

func (s *stage) found(t *testing.T, words []string) {
	t.Helper()
	check[*models.Alliance](t)(s.FoundAlliance(t.Context(), models.Operator, s.Org("YD-YS-TX"), words[0]))
}

func (s *stage) admit(t *testing.T, _ []string) {
	t.Helper()
	for _, m := range check[[]models.Member](t)(s.Members(t.Context(), models.Operator, s.City.Alliance.ID)) {
		if m.State == models.MemberAsked {
			check[*models.Member](t)(s.ConfirmMember(t.Context(), models.Operator, m.ID, true))
		}
	}
}

func (s *stage) home(t *testing.T, words []string) {
	t.Helper()
	who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[0])))
	check[*models.Capacity](t)(s.BindCapacity(t.Context(), who, s.Org(huaiying), models.CapacityOwner, words[1]))
	s.confirm(t, nil)
}

func (s *stage) late(t *testing.T, _ []string) {
	t.Helper()
	check[int](t)(s.LapseClocks(t.Context(), 100))
}

func (s *stage) known(t *testing.T, words []string) {
	t.Helper()
	who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[0])))
	check[*models.Capacity](t)(s.BindCapacity(t.Context(), who, s.Org(words[1]), models.CapacityRider, ""))
}

func (s *stage) grow(t *testing.T, words []string) {
	t.Helper()
	n := check[int](t)(strconv.Atoi(words[0]))
	rows := make([]models.OrgRow, n)
	for i := range rows {
		rows[i] = models.OrgRow{Code: fmt.Sprintf("YD-YS-TX-%02d", i), Parent: "YD-YS-TX", Kind: models.OrgCommunity, Name: fmt.Sprintf("新%02d村社区", i)}
	}
	check[int](t)(s.ImportOrgs(t.Context(), models.Operator, rows))
}

func (s *stage) help(t *testing.T, words []string) {
	t.Helper()
	who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[0])))
	helped := models.Helped{Name: "某老人(示例)", Consent: "当面说的"}
	if len(words) > 2 {
		helped = models.Helped{PersonID: check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[2]))).PersonID, Consent: "当面说的"}
	}
	r := check[*models.Raised](t)(s.RaiseTopicFor(t.Context(), who, models.NewTopic{OrgID: s.Org(huaiying), Text: words[1]}, helped))
	s.receipts = append(s.receipts, r.Topic.Receipt)
}

// start lets somebody of our community start a petition: kind, purpose, who.
func (s *stage) start(t *testing.T, words []string) {
	t.Helper()
	who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(words[2])))
	n := models.NewPetition{OrgID: s.Org(huaiying), Kind: rules.PetitionKind(words[0]), Purpose: words[1]}
	p := check[*models.PetitionView](t)(s.StartPetition(t.Context(), who, n))
	letStand(t, s.Stage, s.desk(), p.ID)
}

// letStand lets a petition stand in public.
func letStand(t *testing.T, s *forumtest.Stage, desk models.Actor, petition int64) {
	t.Helper()
	rows := check[models.Page[models.Screening]](t)(s.Screenings(t.Context(), desk, s.Org(huaiying), true, 0, models.MaxPageSize)).Items
	for _, r := range rows {
		if r.Noun == rules.ScreenedPetition && r.ThingID == petition {
			check[*models.Screening](t)(s.DecideScreening(t.Context(), desk, r.ID, true, ""))
		}
	}
}

// sign lets so many homes that nobody lives in yet sign the first petition.
func (s *stage) sign(t *testing.T, words []string) {
	t.Helper()
	all := check[[]models.PetitionView](t)(s.Petitions(t.Context(), s.desk(), s.Org(huaiying)))
	homes := check[models.Page[models.HouseholdView]](t)(s.Households(t.Context(), s.desk(), s.Org(huaiying), 0, 60)).Items
	for i := range check[int](t)(strconv.Atoi(words[0])) {
		who := check[models.Actor](t)(s.RecognizeChat(t.Context(), s.identity(fmt.Sprint("home", i))))
		check[*models.Capacity](t)(s.BindCapacity(t.Context(), who, s.Org(huaiying), models.CapacityTenant, homes[50+i].Number))
		s.confirm(t, nil)
		check[*models.PetitionView](t)(s.SignPetition(t.Context(), who, all[len(all)-1].ID))
	}
}
