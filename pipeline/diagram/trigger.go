package diagram

import (
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// maxStarts is the number of filters of triggers that a picture has room for.
const maxStarts = 8

// starts returns a line for each filter of the triggers.
func starts(triggers []definition.Trigger) []string {
	var lines []string
	for i := range triggers {
		git := triggers[i].Git
		if git == nil {
			lines = append(lines, "Trigger of "+named(triggers[i].ProviderType))
			continue
		}
		of := named(git.SourceAction) + ": "
		if len(git.Push) == 0 && len(git.PullRequest) == 0 {
			lines = append(lines, of+"each push to its branch")
		}
		for _, f := range git.Push {
			what := "push"
			if f.Tags != nil {
				what = "push of tags" + globs(f.Tags)
			}
			if f.Branches != nil {
				what += " to" + globs(f.Branches)
			}
			lines = append(lines, clean(of+what+files(f.FilePaths)))
		}
		for _, f := range git.PullRequest {
			what := "pull request"
			if len(f.Events) > 0 {
				what += " " + strings.ToLower(strings.Join(f.Events, ", "))
			}
			if f.Branches != nil {
				what += " to" + globs(f.Branches)
			}
			lines = append(lines, clean(of+what+files(f.FilePaths)))
		}
	}
	if n := len(lines); n > maxStarts {
		lines = append(lines[:maxStarts-1:maxStarts-1], fmt.Sprintf("and %d more", n-maxStarts+1))
	}
	return lines
}

func files(p *definition.Patterns) string {
	if p == nil {
		return ""
	}
	return " · files" + globs(p)
}

func globs(p *definition.Patterns) string {
	text := ""
	if len(p.Includes) > 0 {
		text = " " + strings.Join(p.Includes, ", ")
	}
	if len(p.Excludes) > 0 {
		text += " except " + strings.Join(p.Excludes, ", ")
	}
	return text
}
