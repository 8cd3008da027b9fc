package gitpretty_test

import (
	"fmt"
	"time"

	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

func ExampleExpander_Subst() {
	author := gitpretty.Signature{Name: "Jo", Email: "jo@example.com", When: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)}
	e := gitpretty.New(gitpretty.Commit{
		ID:        "9fceb02d0ae598e95dc970b74767f19372d61af8",
		Author:    author,
		Committer: author,
		Message:   "Add the version\n\nReviewed-by: Kim\n",
	}, nil)
	content, err := e.Subst([]byte(`version = "$Format:%h (%cs) %(trailers:key=Reviewed-by,valueonly,separator=%x2C)$"`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", content)
	// Output:
	// version = "9fceb02 (2026-03-01) Kim"
}
