package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"yishi/models"
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
