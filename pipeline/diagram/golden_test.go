package diagram_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

var update = flag.Bool("update", false, "write the pictures below testdata anew")

// TestGolden holds the pictures below testdata, which the README shows, equal to
// those that the package draws. After a change of the drawing, run
//
//	go test ./pipeline/diagram -run TestGolden -update
//
// and look at them in a browser.
func TestGolden(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, name, got string) {
		t.Helper()
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s is not the picture that is drawn, run the test with -update (-want +got):\n%s", path, diff)
		}
	}
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			themes := []diagram.Theme{diagram.ThemeAuto}
			if s.readme {
				themes = []diagram.Theme{diagram.ThemeLight, diagram.ThemeDark}
			}
			for _, theme := range themes {
				svg, err := diagram.SVG(s.structure, func(o *diagram.Options) {
					if s.options != nil {
						s.options(o)
					}
					o.Theme = theme
				})
				if err != nil {
					t.Fatal(err)
				}
				check(t, s.name+"."+string(theme)+".svg", string(svg))
			}
			var options []func(*diagram.Options)
			if s.options != nil {
				options = append(options, s.options)
			}
			text, err := diagram.Mermaid(s.structure, options...)
			if err != nil {
				t.Fatal(err)
			}
			check(t, s.name+".mmd", text)
		})
	}
}
