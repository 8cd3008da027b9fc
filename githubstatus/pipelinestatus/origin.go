package pipelinestatus

import (
	"fmt"
	"regexp"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// ErrForeign is the error of an event of an account or Region that the Reporter
// has no client for. It is a [githubstatus.ErrInvalid], and permanent.
var ErrForeign = fmt.Errorf("event of another account or Region: %w", githubstatus.ErrInvalid)

// Origin is the account and the Region that an event comes from.
type Origin struct {
	Account string // 12 digits
	Region  string // such as "eu-central-1"
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

func (o Origin) check() error {
	if !accountPattern.MatchString(o.Account) || o.Region == "" {
		return fmt.Errorf("%q in %q is no account of 12 digits with a Region", o.Account, o.Region)
	}
	return nil
}

// home reports whether events of the account and Region belong to the clients
// given to New.
func (r *Reporter) home(account, region string) bool {
	o := r.options
	return (o.Account == "" || o.Account == account) && (o.Region == "" || o.Region == region)
}

// executionsOf returns the Executions of the execution's account and Region.
func (r *Reporter) executionsOf(key executionKey) (Executions, error) {
	if other, ok := r.options.Others[Origin{key.account, key.region}]; ok {
		return other, nil
	}
	if r.home(key.account, key.region) {
		return r.executions, nil
	}
	return nil, r.foreign(key.account, key.region)
}

func (r *Reporter) foreign(account, region string) error {
	return fmt.Errorf("%w: it is of account %.20q in Region %.40q, the Reporter is for account %q in Region %q: add the event's to Options.Others, or narrow the rule",
		ErrForeign, account, region, r.options.Account, r.options.Region)
}
