package pipelinestatus_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

const connectionARN = "arn:aws:codeconnections:eu-central-1:111122223333:connection/1"

// A long commit message cuts the JSON that tells the provider of a connection.
// If it cannot be asked for either, the commit must not be left out silently.
func TestUnknownProvider(t *testing.T) {
	t.Parallel()
	unknown := onHello
	unknown.Provider, unknown.Host, unknown.ConnectionARN = "", "", connectionARN
	for _, test := range []struct {
		name    string
		hostErr error
		option  func(*pipelinestatus.Options)
		err     string // "" for none
		want    []string
		// permanent is whether somebody has to grant a permission.
		permanent bool
	}{
		{name: "throttled", hostErr: errors.New("slow down"), err: "slow down"},
		{name: "denied", hostErr: fs.ErrPermission, permanent: true, err: "allow codeconnections:GetConnection"},
		{
			name: "configured", hostErr: fs.ErrPermission, want: []string{"octo/hello@aaaa codepipeline/app success "},
			option: func(o *pipelinestatus.Options) { o.Connections = map[string]string{connectionARN: "github.com"} },
		},
		{name: "of nobody"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			revision := unknown
			revision.HostErr = test.hostErr
			f.execution = &pipeline.Execution{Pipeline: "app", ID: "1", Status: pipeline.StatusSucceeded, Attempts: 1, Revisions: []pipeline.Revision{revision}}
			option := test.option
			if option == nil {
				option = func(*pipelinestatus.Options) {}
			}
			err := f.reporter(option).Report(t.Context(), change("SUCCEEDED"))
			switch {
			case test.err == "" && err != nil:
				t.Error(err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err) || !errors.Is(err, githubstatus.ErrHost) || !errors.Is(err, test.hostErr)):
				t.Errorf("error %v, want an ErrHost with %q", err, test.err)
			case githubstatus.Permanent(err) != test.permanent:
				t.Errorf("permanent %v, want %v: %v", !test.permanent, test.permanent, err)
			}
			if len(f.set) != len(test.want) || len(f.set) == 1 && !strings.HasPrefix(f.set[0], test.want[0]) {
				t.Errorf("statuses %q, want %q", f.set, test.want)
			}
		})
	}
}
