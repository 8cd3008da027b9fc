package repotest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/svg"
)

var update = flag.Bool("update", false, "write the README's picture of the packages anew")

// family is a package at the top level with those below it.
type family struct {
	name, purpose string
	packages      [][2]string // name below the family, and purpose
	columns       int         // of packages
	servers       string      // the packages for tests
	width         float64
}

var families = []family{
	{"codecommit", "reads a repository", [][2]string{
		{"archive", "git archive of a commit"}, {"ci", "builds reviews, branches and tags"},
		{"gitfetch", "files over 6 MB"}, {"trigger", "repository triggers"},
	}, 1, "codecommittest, ci/citest", 140},
	{"events", "types and routes events", [][2]string{
		{"pattern", "patterns of event rules"}, {"dynamostore", "remembers handled events"},
	}, 1, "", 124},
	{"pipeline", "reads and controls executions", [][2]string{
		{"definition", "structures in Go, checked"}, {"diagram", "pictures of pipelines"},
		{"action", "runs jobs, also in Lambda"}, {"actiontype", "types of actions"},
		{"approval", "answers approvals"}, {"multibranch", "a pipeline for each branch"},
	}, 2, "pipelinetest", 230},
	{"customaction", "works on jobs of an action", [][2]string{{"ec2build", "builds on EC2 instances"}}, 1, "", 120},
	{"githubstatus", "statuses and check runs", [][2]string{
		{"pipelinestatus", "reports pipelines"}, {"pipelineapproval", "reviews as approvals"},
	}, 1, "", 144},
}

// service is a service below the families, from one column to another.
type service struct {
	name, purpose string
	from, to, row int
}

var services = []service{
	{"CodeCommit", "repositories", 0, 0, 0},
	{"EventBridge", "also SNS, SQS", 1, 1, 0},
	{"CodePipeline", "pipelines, jobs, approvals", 2, 3, 0},
	{"CodeBuild", "builds", 0, 0, 1},
	{"DynamoDB", "handled events", 1, 1, 1},
	{"S3", "artifacts, archives", 2, 2, 1},
	{"EC2, SSM", "Step Functions", 3, 3, 1},
	{"GitHub", "commits, reviews", 4, 4, 0},
	{"Enterprise Server", "GitHub, own host", 4, 4, 1},
}

const (
	pictureWidth = 830.0
	pictureEdge  = 16.0
	pictureGap   = 10.0
	inside       = 10.0
	arrowRoom    = 36.0

	servicesTop   = 26.0
	serviceHeight = 42.0
)

// wrapped writes a text on lines of a width, and returns the place below the last.
func wrapped(p *svg.Pen, f svg.Font, class string, x, y, room, height float64, text string) float64 {
	line := ""
	for _, word := range strings.Fields(text) {
		if longer := strings.TrimSpace(line + " " + word); f.Width(longer) <= room || line == "" {
			line = longer
			continue
		}
		p.Text(f, class, x, y, room, line)
		y += height
		line = word
	}
	p.Text(f, class, x, y, room, line)
	return y + height
}

// arrow writes an arrow from y to the other end, with a word beside it.
func arrow(p *svg.Pen, x, from, to float64, word string) {
	direction := 1.0
	if to < from {
		direction = -1
	}
	p.Path("net", svg.Point("M", x, from)+svg.Point("L", x, to-5*direction))
	p.Path("head", svg.Point("M", x, to)+svg.Point("L", x-4, to-7*direction)+svg.Point("L", x+4, to-7*direction)+"z")
	p.Text(svg.FontSmall, "m", x+8, min(from, to)+19, 60, word)
}

// packagesPicture draws how the packages and the services fit.
func packagesPicture(theme svg.Theme) []byte {
	var p svg.Pen
	y := pictureEdge
	p.Rect("card", pictureEdge+.5, y+.5, pictureWidth-2*pictureEdge-1, 43, 6)
	p.Text(svg.FontHeading, "", pictureEdge+inside+2, y+27, 400, "Your program")
	p.Text(svg.FontText, "m", pictureEdge+124, y+27, 600, "a Lambda function, a job worker, a command or a test: examples has some to start from")
	y += 44 + arrowRoom

	left := make([]float64, len(families)+1)
	left[0] = pictureEdge
	for i, f := range families {
		left[i+1] = left[i] + f.width + pictureGap
	}
	// The cards have the height of the tallest, so they are drawn after the packages.
	cards := make([]svg.Pen, len(families))
	bottom := 0.0
	for i, f := range families {
		c, x, room := &cards[i], left[i]+inside, f.width-2*inside
		at := y + 26
		c.Text(svg.FontHeading, "", x, at, room, f.name)
		at = wrapped(c, svg.FontText, "m", x, at+18, room, 15, f.purpose) + 2
		column := (room - float64(f.columns-1)*pictureGap) / float64(f.columns)
		for n := 0; n < len(f.packages); n += f.columns {
			row := f.packages[n:min(n+f.columns, len(f.packages))]
			var content svg.Pen
			end := at
			for k, pkg := range row {
				dx := x + 8 + float64(k)*(column+pictureGap)
				content.Text(svg.FontStrong, "", dx, at+17, column-16, pkg[0])
				end = max(end, wrapped(&content, svg.FontSmall, "m", dx, at+32, column-16, 14, pkg[1]))
			}
			for k := range row {
				c.Rect("box", x+.5+float64(k)*(column+pictureGap), at+.5, column-1, end-at-7, 5)
			}
			c.WriteString(content.String())
			at = end + 1
		}
		if f.servers != "" {
			var content svg.Pen
			content.Text(svg.FontMinor, "", x+8, at+16, room-16, "servers for tests")
			end := wrapped(&content, svg.FontSmall, "m", x+8, at+31, room-16, 14, f.servers)
			c.Rect("gate", x+.5, at+.5, room-1, end-at-7, 5)
			c.WriteString(content.String())
			at = end + 1
		}
		bottom = max(bottom, at)
	}
	bottom += 2
	grounds := bottom + arrowRoom
	height := servicesTop + 2*serviceHeight + pictureGap + inside
	for _, g := range [][2]int{{0, 4}, {4, 5}} {
		p.Rect("card", left[g[0]]+.5, grounds+.5, left[g[1]]-pictureGap-left[g[0]]-1, height-1, 6)
	}
	p.Text(svg.FontMinor, "m", left[0]+inside, grounds+16, 100, "AWS")
	for i, f := range families {
		p.Rect("card", left[i]+.5, y+.5, f.width-1, bottom-y-1, 6)
		p.WriteString(cards[i].String())
		middle := left[i] + f.width/2/float64(f.columns)
		if f.name == "events" { // these come up from the service
			arrow(&p, middle, y-3, y-arrowRoom+3, "events")
			arrow(&p, middle, grounds+servicesTop-3, bottom+3, "events")
			continue
		}
		arrow(&p, middle, y-arrowRoom+3, y-3, "calls")
		arrow(&p, middle, bottom+3, grounds+servicesTop-3, "calls")
	}
	y = grounds
	for _, s := range services {
		x, right := left[s.from]+inside, left[s.to+1]-pictureGap-inside
		top := y + servicesTop + float64(s.row)*(serviceHeight+pictureGap)
		p.Rect("box", x+.5, top+.5, right-x-1, serviceHeight-1, 5)
		p.Text(svg.FontStrong, "", x+8, top+17, right-x-16, s.name)
		p.Text(svg.FontSmall, "m", x+8, top+32, right-x-16, s.purpose)
		across := top + serviceHeight/2
		switch s.name { // the neighbours of EventBridge
		case "CodeCommit":
			p.Path("net", svg.Point("M", right+3, across)+svg.Point("L", right+22, across))
			p.Path("head", svg.Point("M", right+27, across)+"l-7-4v8z")
		case "CodePipeline":
			p.Path("net", svg.Point("M", x-3, across)+svg.Point("L", x-22, across))
			p.Path("head", svg.Point("M", x-27, across)+"l7-4v8z")
		}
	}
	y += height + pictureEdge
	return svg.Document(theme, "The packages of codesuite and the services behind them", description(), pictureWidth, y, &p)
}

// description is the picture in words.
func description() string {
	var b strings.Builder
	for _, f := range families {
		fmt.Fprintf(&b, "%s %s", f.name, f.purpose)
		for _, pkg := range f.packages {
			fmt.Fprintf(&b, "; %s/%s: %s", f.name, pkg[0], pkg[1])
		}
		b.WriteString(". ")
	}
	b.WriteString("The services are")
	separator := " "
	for _, s := range services {
		fmt.Fprintf(&b, "%s%s (%s)", separator, s.name, s.purpose)
		separator = ", "
	}
	return b.String() + "."
}

// TestPicture holds the README's picture of the packages equal to the tables above,
// and those to the packages that there are. After a change, run
//
//	go test ./internal/repotest -run TestPicture -update
//
// and look at .github/packages.light.svg and .github/packages.dark.svg in a browser.
func TestPicture(t *testing.T) {
	t.Parallel()
	drawn := make(map[string]bool)
	for _, f := range families {
		drawn[f.name] = true
		for _, pkg := range f.packages {
			drawn[f.name+"/"+pkg[0]] = true
		}
		for server := range strings.SplitSeq(f.servers, ", ") {
			drawn[f.name+"/"+server] = server != ""
		}
	}
	for _, p := range list(t, "./...") {
		if name, _ := local(p.ImportPath); isPublic(name) && !drawn[name] {
			t.Errorf("the README's picture does not have the package %s: add it to families", name)
		}
	}
	for name, is := range drawn {
		if _, known := uses[name]; is && !known {
			t.Errorf("the README's picture has the package %s, which is not part of the design", name)
		}
	}
	for _, theme := range []svg.Theme{svg.ThemeLight, svg.ThemeDark} {
		path := filepath.Join(root, ".github", "packages."+string(theme)+".svg")
		got := packagesPicture(theme)
		if strings.Contains(string(got), "…") {
			t.Error("a text of the picture is cut: shorten it, or give its column more width")
		}
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not the picture of the packages, run the test with -update (-want +got):\n%s", path, diff)
		}
	}
}
