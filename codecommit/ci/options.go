package ci

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
)

// Defaults of Options.
const (
	defaultLogLines    = 30
	defaultFailedTests = 10
)

// Options configure a [Handler]. The zero value works.
type Options struct {
	// Account and Region are those of the clients. An event of another account or
	// Region is an [ErrForeign]. An empty one is not compared.
	Account, Region string

	// CommandAuthors are globs of the ARNs of those who may give commands in
	// comments, such as arn:aws:sts::111122223333:assumed-role/Developer/*. The
	// default is nobody: comments are not read. "/rerun" builds the pull request
	// again, "/rerun FLOW" for one flow, and "/stop" stops its builds. The command has
	// to be the whole comment. A reaction answers it: thumbs up, or down where it
	// makes no sense.
	CommandAuthors []string

	// LogLines is how many lines of the log of a failed build a comment has at
	// most. The default is 30; a negative value leaves the log out.
	LogLines int
	// FailedTests is how many test cases that have failed a comment has at most. The
	// default is 10; a negative value leaves them out.
	FailedTests int

	// Report is called with each report, after the pull request has got its
	// comment. A report comes again when its event does. An error of Report makes
	// the event come again.
	Report func(context.Context, Report) error

	// Logger is told what was started, stopped and left out. The default is silent.
	Logger *slog.Logger
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// settle fills in the defaults and returns what is wrong with the options.
func (o *Options) settle() error {
	if o.LogLines == 0 {
		o.LogLines = defaultLogLines
	}
	if o.FailedTests == 0 {
		o.FailedTests = defaultFailedTests
	}
	if o.Account != "" && !accountPattern.MatchString(o.Account) {
		return fmt.Errorf("option Account: %.40q is no account ID of 12 digits", o.Account)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}
