package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yishi/models"
	"yishi/models/rules"
)

// TestConsolePoints sets a point up, is told why a time does not do, changes the
// timetable, and prints what hangs at the door.
func TestConsolePoints(t *testing.T) {
	d := newClerk(t)
	secretary := d.enter("huaiying", "/points")
	d.press("设一个议事点")
	d.fill("point", "槐荫树下(示例)")
	d.fill("address", "3栋楼下(示例)")
	d.ends("08:30")
	d.may("422 (")
	d.press("设好")
	d.await(`document.querySelector('[role=alert]')?.innerText.length > 3`)
	d.good("a point that is refused")
	d.ends("11:00")
	d.press("设好")
	d.sees("每周六 09:30到11:00，3栋楼下(示例)")
	d.shot("desk-points")
	made := d.pointCalled("槐荫树下(示例)", secretary)
	d.tap(`//section[.//h2="槐荫树下(示例)"]//button`)
	d.press("再加一次")
	d.press("存下新的时间")
	d.await(`document.body.innerText.split('3栋楼下(示例)').length === 3`)
	if now := d.pointCalled(made.Name, secretary); len(now.Stops) != 2 || now.ID != made.ID {
		t.Errorf("after the change the point is %+v", now)
	}
	d.tap(`//section[.//h2="槐荫树下(示例)"]//a`)
	d.await(`document.querySelector('.paper img')?.naturalWidth > 0`)
	d.good("the point's code")
	d.shot("desk-point-code")
	d.printed("desk-point-code", "槐荫树下", "每周六")
}

// ends types when the first line of a timetable ends.
func (d *clerk) ends(at string) {
	d.t.Helper()
	d.run(chromedp.Evaluate(fmt.Sprintf(`(() => { const e = document.querySelectorAll('input[type=time]')[1]; e.value = %q; e.dispatchEvent(new Event('input')) })()`, at), nil))
}

// pointCalled finds a point of the community by its name.
func (d *clerk) pointCalled(name string, who models.Actor) models.PointView {
	d.t.Helper()
	all, err := d.forum.Points(d.t.Context(), who, d.city.Orgs["YD-YS-TX-HY"].ID, nil)
	ok(d.t, err)
	for _, p := range all {
		if p.Name == name {
			return p
		}
	}
	d.t.Fatalf("there is no point %s", name)
	return models.PointView{}
}

// TestConsoleRoll brings in a roll that a spreadsheet saved in GBK: what is wrong is
// told by its line and nothing sent, what would change is shown, and only then kept.
func TestConsoleRoll(t *testing.T) {
	d := newClerk(t)
	secretary := d.enter("huaiying", "/people")
	d.upload("门牌号,地址,面积\n9-9-901,槐影里9号楼(示例),80\n,槐影里9号楼(示例),大\n")
	d.sees("第3行：没有门牌号")
	d.good("a roll that is wrong")
	d.upload("门牌号,地址,面积\n9-9-901,槐影里9号楼(示例),80.5\n9-9-902,槐影里9号楼(示例),\n")
	d.sees("还没有导入。会这样改：新增2户，改动0户，没变0户")
	d.good("a roll before it is kept")
	d.shot("desk-roll")
	if n := d.homesAt(secretary, "9-9-901"); n != 0 {
		t.Errorf("a preview brings in %d homes", n)
	}
	d.press("导入")
	d.sees("导入好了：新增2户")
	if n := d.homesAt(secretary, "9-9-901"); n != 1 {
		t.Errorf("the roll brings in %d homes", n)
	}
	d.upload("门牌号\n" + strings.Repeat("1-1-1\n", 5001))
	d.sees("文件里有5001户，一次最多5000户")
}

// upload chooses a file that is written in GBK.
func (d *clerk) upload(text string) {
	d.t.Helper()
	body, err := simplifiedchinese.GBK.NewEncoder().String(text)
	ok(d.t, err)
	name := filepath.Join(d.t.TempDir(), "roll.csv")
	ok(d.t, os.WriteFile(name, []byte(body), 0o600))
	d.run(chromedp.SetUploadFiles("[type=file]", []string{name}))
}

// homesAt counts the homes of a number on the roll.
func (d *clerk) homesAt(who models.Actor, number string) (n int) {
	d.t.Helper()
	for after := int64(0); ; {
		page, err := d.forum.Households(d.t.Context(), who, d.city.Orgs["YD-YS-TX-HY"].ID, after, 100)
		ok(d.t, err)
		for _, h := range page.Items {
			if h.Number == number && h.Address == "槐影里9号楼(示例)" {
				n++
			}
		}
		if after = page.Next; after == 0 {
			return n
		}
	}
}

// TestConsoleMove finds a neighbour, moves them to another home, confirms them there,
// and ends what they are; the desk is asked twice.
func TestConsoleMove(t *testing.T) {
	d := newClerk(t)
	who := d.neighbour("华竹音")
	d.enter("huaiying", "/people")
	d.fill("known", "华竹音")
	d.press("查找")
	d.press("搬到别处")
	d.may("404 (")
	d.fill("household", "77-7-777")
	d.press("换过去")
	d.sees("没有找到这一户")
	d.good("a move that is refused")
	d.may("")
	d.fill("household", "1-1-102")
	d.press("换过去")
	d.sees("已换好，等那边确认")
	d.shot("desk-move")
	d.press("确认")
	d.await(`document.body.innerText.includes('没有等着确认的人')`)
	if at := d.homeNumbers(who); !slices.Equal(at, []string{"1-1-102"}) {
		t.Errorf("after the move they are known at %v", at)
	}
	d.press("查找")
	d.press("结束这个身份")
	d.sees("以后的表决也不再算")
	d.press("确定结束")
	d.sees("已结束")
	if at := d.homeNumbers(who); len(at) != 0 {
		t.Errorf("after the end they are known at %v", at)
	}
}

// homeNumbers are the numbers of the homes in which somebody is known.
func (d *clerk) homeNumbers(who models.Actor) (out []string) {
	d.t.Helper()
	all, err := d.forum.NamedCapacities(d.t.Context(), d.city.Secretary("YD-YS-TX-HY"), d.city.Orgs["YD-YS-TX-HY"].ID, "华竹音")
	ok(d.t, err)
	for _, c := range all {
		if c.PersonID == who.PersonID {
			out = append(out, c.Number)
		}
	}
	return out
}

// TestConsoleAppeal lets the street find an appeal among what is to be done today, read
// why, and rule: the matter is taken up again.
func TestConsoleAppeal(t *testing.T) {
	d := newClerk(t)
	topic := d.raise("许安禾", "楼上的水管漏到我家")
	who := d.neighbour("许安禾")
	_, err := d.forum.RedirectTopic(t.Context(), d.city.Secretary("YD-YS-TX-HY"), topic.ID, "N2", "", "")
	ok(t, err)
	d.enter("street", fmt.Sprintf("/topics/%d", topic.ID))
	d.sees("楼上的水管漏到我家")
	if strings.Contains(d.body(), "复核") {
		t.Error("where nobody appealed there is something to rule on")
	}
	_, err = d.forum.AppealTopic(t.Context(), who, topic.ID, "整栋楼都在漏")
	ok(t, err)
	d.open("/today")
	d.sees("居民申请复核")
	d.tap(`//a[contains(., "楼上的水管漏到我家")]`)
	d.sees("提出人不同意转走，说：整栋楼都在漏")
	d.good("an appeal")
	d.press("复核：重新处理")
	d.run(chromedp.SendKeys(".ask textarea", "是公共管道"))
	d.tap(`//*[contains(@class,"ask")]//*[contains(@class,"deed")]//button`)
	d.await(`!document.body.innerText.includes('提出人不同意转走')`)
	if got := d.stateOf(topic.ID); got != rules.TopicTriage {
		t.Errorf("the matter is %s", got)
	}
}
