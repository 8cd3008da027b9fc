package diagram

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/svg"
)

// Lengths in pixels.
const (
	margin    = 16.0 // around everything
	gap       = 26.0 // between cards in a row, for an arrow
	rowGap    = 30.0 // between rows of cards
	padding   = 12.0 // in a card
	inset     = 9.0  // in a box
	groupGap  = 20.0 // between groups of actions, for an arrow
	boxGap    = 8.0  // between actions in parallel
	frame     = 5.0  // around actions in parallel
	minCard   = 176.0
	maxCard   = 264.0
	minCanvas = 440.0
	radius    = 6.0
)

// svg returns the picture as a file.
func (pic *picture) svg(o Options) []byte {
	g := newGrid(len(pic.stages), float64(o.Width))
	var body svg.Pen
	y := pic.header(&body, g.width)
	y = pic.cards(&body, g, y)
	height := y + margin

	return svg.Document(svg.Theme(o.Theme), pic.title(), pic.description(), g.width, height, &body)
}

// grid is where cards are.
type grid struct {
	columns int
	card    float64 // the width of a card
	width   float64 // of the canvas
}

// newGrid returns the grid for a number of cards that is no wider than width, has
// as few rows as that allows, and fills them evenly.
func newGrid(cards int, width float64) grid {
	room := width - 2*margin
	columns := max(1, int((room+gap)/(minCard+gap)))
	rows := (max(cards, 1) + columns - 1) / columns
	columns = (max(cards, 1) + rows - 1) / rows
	g := grid{columns: columns, card: min((room+gap)/float64(columns)-gap, maxCard)}
	if columns == 1 {
		g.card = min(room, 400)
	}
	g.width = max(float64(columns)*(g.card+gap)-gap+2*margin, min(minCanvas, width))
	return g
}

// header writes the name, the state and the facts, and returns the place below.
func (pic *picture) header(p *svg.Pen, width float64) float64 {
	room := width - 2*margin
	y := margin + 20
	right := 0.0
	if pic.state != "" {
		word := string(pic.state)
		w := min(svg.FontHeading.Width(word), room/2)
		l := pic.state.look()
		p.Icon(string(l.tone), l.icon, "", width-margin-w-22, y-14, 16)
		p.TextEnd(svg.FontHeading, string(l.tone), width-margin, y-1, w, word)
		right = w + 36
	}
	p.Text(svg.FontTitle, "", margin, y, room-right, pic.name)
	y += 4
	for _, fact := range pic.facts {
		y += 18
		p.Text(svg.FontText, "m", margin, y, room, fact)
	}
	for _, start := range pic.starts {
		y += 18
		p.Icon("glyph", glyphStart, "Trigger", margin, y-10, 12)
		p.Text(svg.FontText, "", margin+18, y, room-18, start)
	}
	return y + 18
}

// cards writes the stages in rows from y on with the arrows between them, and
// returns the place below.
func (pic *picture) cards(p *svg.Pen, g grid, y float64) float64 {
	for first := 0; first < len(pic.stages); first += g.columns {
		bottom := y
		for i := first; i < min(first+g.columns, len(pic.stages)); i++ {
			s := &pic.stages[i]
			x := margin + float64(i-first)*(g.card+gap)
			if i > first {
				s.arrow(p, svg.Point("M", x-gap+3, y+22), x-3, y+22, false, x-gap/2, y+22)
			}
			p.WriteString("\n")
			p.Begin("stage", x, y)
			bottom = max(bottom, y+s.draw(p, g.card))
			p.End()
		}
		last := first + g.columns
		if last >= len(pic.stages) {
			return bottom
		}
		next := bottom + rowGap
		if g.columns == 1 {
			x := margin + g.card/2
			pic.stages[last].arrow(p, svg.Point("M", x, bottom+4), x, next-4, true, x, bottom+rowGap/2)
		} else {
			right, left, middle := margin+float64(g.columns)*(g.card+gap)-gap, margin/2, bottom+rowGap/2
			x := right + margin/2
			d := svg.Point("M", right+3, y+22) + fmt.Sprintf("H%sa4 4 0 0 1 4 4V%sa4 4 0 0 1-4 4H%sa4 4 0 0 0-4 4V%sa4 4 0 0 0 4 4", svg.Number(x-4), svg.Number(middle-4), svg.Number(left+4), svg.Number(next+18))
			pic.stages[last].arrow(p, d, margin-3, next+22, false, g.width/2, middle)
		}
		y = next
	}
	return y
}

// arrow writes the transition into the stage: a path that goes on to x, y. The sign
// of a disabled one is at signX, signY.
func (s *stage) arrow(p *svg.Pen, d string, x, y float64, down bool, signX, signY float64) {
	line, head := svg.Point("L", x-5, y), fmt.Sprintf("M%s %sl-7-4v8z", svg.Number(x), svg.Number(y))
	if down {
		line, head = svg.Point("L", x, y-5), fmt.Sprintf("M%s %sl-4-7h8z", svg.Number(x), svg.Number(y))
	}
	if !s.disabled {
		p.Path("net", d+line)
		p.Path("head", head)
		return
	}
	p.Path("net off bad", d+line)
	p.Begin("bad", 0, 0)
	p.Path("f", head)
	p.End()
	fmt.Fprintf(p, `<circle class="canvas" cx="%s" cy="%s" r="10" stroke-width="0"/>`, svg.Number(signX), svg.Number(signY))
	p.Icon("bad", glyphOff, "The transition is disabled", signX-8, signY-8, 16)
}

// draw writes the card of a stage and returns its height.
func (s *stage) draw(p *svg.Pen, width float64) float64 {
	var c svg.Pen // the content, drawn before its height is known
	room := width - 2*padding
	y := padding + 14
	c.Text(svg.FontHeading, "", padding, y, room, s.name)
	if s.state != "" {
		y += 20
		stateLine(&c, s.state, padding, y, room, svg.FontText)
	}
	if s.retries != "" {
		y += 16
		c.Text(svg.FontSmall, "m", padding+20, y, room-20, s.retries)
	}
	if s.disabled {
		y += 20
		c.Icon("bad", glyphOff, "", padding, y-11, 14)
		c.Text(svg.FontStrong, "bad", padding+20, y, room-20, "Transition disabled")
		if s.reason != "" {
			y += 16
			c.Text(svg.FontSmall, "m", padding+20, y, room-20, s.reason)
		}
	}
	y += 12
	for i := range s.before {
		y += s.before[i].draw(&c, padding, y, room) + boxGap
	}
	for i, group := range s.groups {
		if i > 0 {
			x := width / 2
			c.Path("net", svg.Point("M", x, y-boxGap+3)+svg.Point("L", x, y+groupGap-boxGap-8))
			c.Path("head", fmt.Sprintf("M%s %sl-4-6h8z", svg.Number(x), svg.Number(y+groupGap-boxGap-3)))
			y += groupGap - boxGap
		}
		y += drawGroup(&c, group, padding, y, room) + boxGap
	}
	for _, list := range [][]gate{s.success, s.failure} {
		for i := range list {
			y += list[i].draw(&c, padding, y, room) + boxGap
		}
	}
	height := y - boxGap + padding
	p.Rect("card", 0.5, 0.5, width-1, height-1, radius)
	if s.state != "" && s.state != notStarted {
		p.Begin(string(s.state.look().tone), 0, 0)
		p.Path("f", fmt.Sprintf("M0 %[1]gV6a6 6 0 0 1 6-6H%[2]sa6 6 0 0 1 6 6v%[3]gz", 4.0, svg.Number(width-6), -2.0))
		p.End()
	}
	p.WriteString(c.String())
	return height
}

// stateLine writes a state by its shape and word, and returns the width.
func stateLine(p *svg.Pen, s state, x, y, room float64, f svg.Font) float64 {
	l := s.look()
	p.Icon(string(l.tone), l.icon, "", x, y-11, 14)
	return 20 + p.Text(f, string(l.tone), x+20, y, room-20, string(s))
}

// drawGroup writes actions that run in parallel, or the only one, and returns the
// height.
func drawGroup(p *svg.Pen, group []box, x, y, width float64) float64 {
	if len(group) == 1 {
		return group[0].draw(p, x, y, width)
	}
	var c svg.Pen
	top := y
	y += 21
	c.Text(svg.FontSmall, "m", x+frame+2, y-6.5, width-2*frame-4, fmt.Sprintf("%d in parallel", len(group)))
	for i := range group {
		y += group[i].draw(&c, x+frame, y, width-2*frame) + boxGap
	}
	y += frame - boxGap
	p.Rect("group", x+.5, top+.5, width-1, y-top-1, radius)
	p.WriteString(c.String())
	return y - top
}

// draw writes an action and returns the height.
func (b *box) draw(p *svg.Pen, x, y, width float64) float64 {
	var c svg.Pen
	top := y
	left, room := x+inset, width-2*inset
	y += inset + 11
	c.Icon("glyph", glyph(b.category), b.category, left, y-11.5, 14)
	c.Text(svg.FontName, "", left+20, y, room-20, b.name)
	y += 17
	c.Text(svg.FontText, "m", left, y, room, b.provider)
	if b.subject != "" {
		y += 16
		c.Text(svg.FontText, "", left, y, room, b.subject)
	}
	if b.revision != "" {
		y += 16
		c.Text(svg.FontText, "", left, y, room, b.revision)
	}
	if b.region != "" {
		y += 16
		c.Icon("glyph", glyphWorld, "Region", left, y-9.5, 11)
		c.Text(svg.FontSmall, "", left+17, y, room-17, b.region)
	}
	y += 2
	for _, line := range [][2]string{{"in", b.inputs}, {"out", b.outputs}, {"sets", b.exports}} {
		if line[1] != "" {
			y += 15
			c.Text(svg.FontSmall, "m", left, y, 26, line[0])
			c.Text(svg.FontSmall, "", left+28, y, room-28, line[1])
		}
	}
	if b.state != "" {
		y += 20
		used := stateLine(&c, b.state, left, y, room, svg.FontStrong)
		note := b.time
		if b.runs > 1 {
			note = strings.TrimPrefix(note+fmt.Sprintf(" · run %d", b.runs), " · ")
		}
		if note != "" && svg.FontSmall.Width(note) > room-used-6 {
			y += 15
			c.Text(svg.FontSmall, "m", left+20, y, room-20, note)
		} else if note != "" {
			c.TextEnd(svg.FontSmall, "m", left+room, y, room-used-6, note)
		}
	}
	if b.problem != "" {
		y += 15
		c.Text(svg.FontSmall, "bad", left+20, y, room-20, b.problem)
	}
	height := y + inset - 1 - top
	p.Rect("box", x+.5, top+.5, width-1, height-1, radius)
	if b.state != "" && b.state != notStarted {
		p.Begin(string(b.state.look().tone), 0, 0)
		p.Path("f", fmt.Sprintf("M%s %sv%sa4 4 0 0 1-4-4V%sa4 4 0 0 1 4-4z", svg.Number(x+4), svg.Number(top), svg.Number(height), svg.Number(top+4)))
		p.End()
	}
	p.WriteString(c.String())
	return height
}

// draw writes a condition and returns the height.
func (g *gate) draw(p *svg.Pen, x, y, width float64) float64 {
	var c svg.Pen
	top := y
	left, room := x+inset, width-2*inset
	y += inset + 9
	icon := glyphGate
	if g.always {
		icon = glyphRetry
	}
	c.Icon("glyph", icon, "", left, y-10, 12)
	c.Text(svg.FontMinor, "", left+20, y, room-20, g.when)
	for _, r := range g.rules {
		y += 15
		used := c.Text(svg.FontSmall, "", left+20, y, room-20, r.name)
		if rest := room - 20 - used - 6; svg.FontSmall.Width(r.provider) <= rest {
			c.Text(svg.FontSmall, "m", left+26+used, y, rest, r.provider)
		} else {
			y += 14
			c.Text(svg.FontSmall, "m", left+20, y, room-20, r.provider)
		}
		if r.state != "" {
			y += 16
			l := r.state.look()
			c.Icon(string(l.tone), l.icon, "", left+20, y-10, 12)
			c.Text(svg.FontSmall, string(l.tone), left+37, y, room-37, strings.TrimSuffix(string(r.state)+" · "+r.problem, " · "))
			y += 2
		}
	}
	if g.effect != "" {
		y += 15
		c.Text(svg.FontSmall, "m", left+20, y, room-20, g.effect)
	}
	if g.state != "" {
		y += 20
		stateLine(&c, g.state, left, y, room, svg.FontStrong)
		y += 2
	}
	height := y + inset - 2 - top
	p.Rect("gate", x+.5, top+.5, width-1, height-1, radius)
	p.WriteString(c.String())
	return height
}

// title names the picture for screen readers.
func (pic *picture) title() string {
	if pic.state != "" {
		return fmt.Sprintf("Pipeline %s: %s", pic.name, strings.ToLower(string(pic.state)))
	}
	return "Pipeline " + pic.name
}

// description is the picture in words.
func (pic *picture) description() string {
	var b strings.Builder
	for _, line := range append(pic.facts[:len(pic.facts):len(pic.facts)], pic.starts...) {
		b.WriteString(line + ". ")
	}
	for i := range pic.stages {
		s := &pic.stages[i]
		fmt.Fprintf(&b, "Stage %s%s: ", s.name, inWords(s.state))
		for j, group := range s.groups {
			if j > 0 {
				b.WriteString("; then ")
			}
			for k := range group {
				if k > 0 {
					b.WriteString(", ")
				}
				a := &group[k]
				fmt.Fprintf(&b, "%s by %s%s", a.name, cmp.Or(a.provider, "no provider"), inWords(a.state))
			}
		}
		b.WriteString(". ")
	}
	return awstext.Cut(strings.TrimSpace(b.String()), 4000)
}

func inWords(s state) string {
	if s == "" {
		return ""
	}
	return " (" + strings.ToLower(string(s)) + ")"
}
