package diagram_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// BenchmarkSVG draws the largest pipeline that CodePipeline takes.
func BenchmarkSVG(b *testing.B) {
	p := sized(50, 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := diagram.SVG(p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMermaid draws it as a flowchart.
func BenchmarkMermaid(b *testing.B) {
	p := sized(50, 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := diagram.Mermaid(p); err != nil {
			b.Fatal(err)
		}
	}
}
