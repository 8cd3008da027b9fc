package diagram_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// rectangle is a place in a picture.
type rectangle struct {
	class                    string
	left, top, right, bottom float64
}

func (r rectangle) String() string {
	return fmt.Sprintf("%s at %g,%g to %g,%g", r.class, r.left, r.top, r.right, r.bottom)
}

func (r rectangle) holds(other rectangle) bool {
	const slack = 0.11 // of rounding
	return other.left >= r.left-slack && other.right <= r.right+slack && other.top >= r.top-slack && other.bottom <= r.bottom+slack
}

func (r rectangle) overlaps(other rectangle) bool {
	return r.left < other.right && other.left < r.right && r.top < other.bottom && other.top < r.bottom
}

// drawing is a parsed SVG file.
type drawing struct {
	canvas      rectangle
	rectangles  []rectangle
	texts       []rectangle // the class is the text
	title, desc string
}

var translation = regexp.MustCompile(`^translate\(([\d.-]+) ([\d.-]+)\)`)

// elements are those that a picture may have, with their attributes. None of them
// loads or runs anything.
var elements = map[string][]string{
	"svg":    {"xmlns", "width", "height", "viewBox", "class", "role", "aria-label"},
	"title":  nil,
	"desc":   nil,
	"style":  nil,
	"g":      {"class", "transform"},
	"rect":   {"class", "x", "y", "width", "height", "rx", "stroke-dasharray"},
	"path":   {"class", "d", "stroke-width"},
	"circle": {"class", "cx", "cy", "r", "stroke-width", "stroke-dasharray"},
	"text":   {"class", "x", "y", "text-anchor", "textLength", "lengthAdjust"},
}

// parse reads a picture, and checks its elements and attributes.
func parse(t *testing.T, svg []byte) *drawing {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	d := new(drawing)
	type offset struct{ x, y float64 }
	offsets := []offset{{}}
	var text *strings.Builder
	var place rectangle
	var anchor string
	var length float64
	var path []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			path = append(path, name)
			allowed, ok := elements[name]
			if !ok {
				t.Fatalf("there is an element %s", name)
			}
			attributes := make(map[string]string)
			for _, a := range token.Attr {
				if !slices.Contains(allowed, a.Name.Local) || a.Name.Space != "" {
					t.Fatalf("the element %s has the attribute %v", name, a)
				}
				attributes[a.Name.Local] = a.Value
			}
			value := func(key string) float64 {
				v, err := strconv.ParseFloat(attributes[key], 64)
				if err != nil && attributes[key] != "" {
					t.Fatalf("the attribute %s of %s is no number: %v", key, name, err)
				}
				return v
			}
			here := offsets[len(offsets)-1]
			if m := translation.FindStringSubmatch(attributes["transform"]); m != nil {
				x, _ := strconv.ParseFloat(m[1], 64)
				y, _ := strconv.ParseFloat(m[2], 64)
				here.x, here.y = here.x+x, here.y+y
			}
			offsets = append(offsets, here)
			switch {
			case name == "svg":
				d.canvas = rectangle{"canvas", 0, 0, value("width"), value("height")}
				if want := fmt.Sprintf("0 0 %s %s", attributes["width"], attributes["height"]); attributes["viewBox"] != want || attributes["role"] != "img" {
					t.Errorf("the view box is %q of the role %q, want %q of img", attributes["viewBox"], attributes["role"], want)
				}
			case name == "rect" && slices.Contains([]string{"card", "box", "group", "gate"}, attributes["class"]):
				x, y := here.x+value("x"), here.y+value("y")
				d.rectangles = append(d.rectangles, rectangle{attributes["class"], x, y, x + value("width"), y + value("height")})
			case name == "text":
				anchor, length = attributes["text-anchor"], value("textLength")
				place = rectangle{attributes["class"], here.x + value("x"), here.y + value("y"), 0, 0}
				text = new(strings.Builder)
			case len(path) == 2 && (name == "title" || name == "desc"):
				text = new(strings.Builder)
			}
		case xml.CharData:
			if text != nil {
				text.Write(token)
			}
		case xml.EndElement:
			name := token.Name.Local
			switch {
			case text == nil:
			case name == "title":
				d.title, text = text.String(), nil
			case name == "desc":
				d.desc, text = text.String(), nil
			case name == "text":
				class, _, _ := strings.Cut(place.class, " ")
				width := diagram.TextWidth(class, text.String())
				if length > 0 && (length < width-0.1 || length > width+0.1) {
					t.Errorf("the text %q has the length %g, want %g", text.String(), length, width)
				}
				place.right = place.left + width
				if anchor == "end" {
					place.left, place.right = place.left-width, place.left
				}
				place.top, place.bottom = place.top-9, place.top+3
				place.class, text = text.String(), nil
				d.texts = append(d.texts, place)
			}
			path = path[:len(path)-1]
			offsets = offsets[:len(offsets)-1]
		}
	}
}

// check holds a picture to its geometry: all is within the canvas, actions and
// conditions are within the card of a stage, nothing overlaps, and texts are within
// the frames that they are in.
func (d *drawing) check(t *testing.T) {
	t.Helper()
	of := func(classes ...string) (list []rectangle) {
		for _, r := range d.rectangles {
			if slices.Contains(classes, r.class) {
				list = append(list, r)
			}
		}
		return list
	}
	disjoint := func(list []rectangle) {
		t.Helper()
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b rectangle) int { return int(a.top*10) - int(b.top*10) })
		for i, r := range list {
			for _, other := range list[i+1:] {
				if other.top >= r.bottom {
					break
				}
				if r.overlaps(other) {
					t.Errorf("%v overlaps %v", r, other)
				}
			}
		}
	}
	inside := func(inner, outer []rectangle) {
		t.Helper()
		for _, r := range inner {
			if !slices.ContainsFunc(outer, func(o rectangle) bool { return o.holds(r) }) {
				t.Errorf("%v is outside", r)
			}
		}
	}
	inside(d.rectangles, []rectangle{d.canvas})
	inside(d.texts, []rectangle{d.canvas})
	cards, frames := of("card"), of("box", "gate")
	disjoint(cards)
	disjoint(frames)
	disjoint(of("group", "gate"))
	disjoint(d.texts)
	inside(of("box", "gate", "group"), cards)
	for _, text := range d.texts {
		for _, r := range d.rectangles {
			if text.overlaps(r) && !r.holds(text) && !(r.class == "box" || r.class == "gate") {
				t.Errorf("the text %v is across %v", text, r)
			} else if text.overlaps(r) && !r.holds(text) {
				t.Errorf("the text %v leaves %v", text, r)
			}
		}
	}
}

func TestGeometry(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		for _, width := range []int{320, 830, 4000} {
			t.Run(fmt.Sprintf("%s-%d", s.name, width), func(t *testing.T) {
				t.Parallel()
				svg, err := diagram.SVG(s.structure, func(o *diagram.Options) {
					if s.options != nil {
						s.options(o)
					}
					o.Width = width
				})
				if err != nil {
					t.Fatal(err)
				}
				d := parse(t, svg)
				d.check(t)
				if d.canvas.right > float64(width) {
					t.Errorf("the picture is %g wide, want at most %d", d.canvas.right, width)
				}
			})
		}
	}
}

// TestRandom draws structures and executions that nobody has.
func TestRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := newRandom(seed)
			p := r.structure()
			options := func(o *diagram.Options) { o.Width = 320 + int(seed*17) }
			if r.IntN(3) > 0 {
				e := r.execution(p)
				disabled := make(map[string]string)
				for _, s := range p.Stages {
					if r.IntN(3) == 0 {
						disabled[s.Name] = r.word()
					}
				}
				options = func(o *diagram.Options) { o.Execution, o.Disabled = e, disabled }
				if r.IntN(5) == 0 {
					p, options = nil, func(o *diagram.Options) { o.Execution = e }
				}
			}
			draw(t, p, options)
		})
	}
}

// draw draws a picture in both forms, and checks them.
func draw(t *testing.T, p *definition.Pipeline, options func(*diagram.Options)) {
	t.Helper()
	svg, err := diagram.SVG(p, options)
	if err != nil {
		t.Fatal(err)
	}
	parse(t, svg).check(t)
	text, err := diagram.Mermaid(p, options)
	if err != nil {
		t.Fatal(err)
	}
	checkMermaid(t, text)
	if again, _ := diagram.SVG(p, options); !bytes.Equal(svg, again) {
		t.Error("the same input has given another picture")
	}
	if again, _ := diagram.Mermaid(p, options); text != again {
		t.Error("the same input has given another flowchart")
	}
}

func FuzzNames(f *testing.F) {
	for _, word := range words {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, name string) {
		conditions := []definition.Condition{{Result: definition.ConditionResult(name), Rules: []definition.Rule{{Name: name, Provider: definition.Custom{Type: definition.ActionType{Provider: name}}}}}}
		p := &definition.Pipeline{
			Name: name,
			Stages: []definition.Stage{{
				Name: name, BeforeEntry: &definition.Conditions{Conditions: conditions}, OnFailure: &definition.OnFailure{Conditions: conditions},
				Actions: []definition.Action{
					{Name: name, Provider: definition.CodeBuild{ProjectName: name}, Region: name, Namespace: name, Inputs: definition.Artifacts(name)},
					{Name: name, Provider: definition.Custom{Type: definition.ActionType{Category: name, Provider: name}}, Outputs: definition.Artifacts(name, name)},
				},
			}},
			Triggers: []definition.Trigger{definition.OnPush(name, definition.PushTrigger{Branches: &definition.Patterns{Includes: []string{name}}})},
		}
		draw(t, p, func(o *diagram.Options) { o.Disabled = map[string]string{name: name} })
	})
}
