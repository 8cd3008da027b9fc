package gitfetch

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Defaults of Options.
const (
	defaultMaxElapsed = 5 * time.Minute
	defaultMaxSize    = 32 << 30
)

// Options configure the fetches. The zero value holds the defaults.
type Options struct {
	// Endpoint is the address of Git's protocol, such as that of a VPC endpoint
	// or of FIPS: "https://git-codecommit-fips.us-east-1.amazonaws.com". The
	// default is the BaseEndpoint of the configuration, unless it is an address of
	// the service's API, or the service's address in the Region: that of FIPS if
	// the configuration asks for FIPS.
	Endpoint string

	// TempDir is the folder of temporary files. The default is [os.TempDir].
	TempDir string

	// MaxSize bounds the bytes of one fetch: those of the pack, and those of all
	// objects in it, inflated. The default is 32 GiB.
	MaxSize int64

	// MaxElapsed bounds how long a fetch is made again after throttling, server
	// errors and broken connections: no attempt starts later than that after the
	// first failure. The default is 5 minutes; a negative value bounds
	// the fetch by its context alone.
	MaxElapsed time.Duration

	// OnFetch is called after each successful fetch.
	OnFetch func(Fetch)

	// Logger receives a warning for each attempt that is made again, and for
	// each fetch that takes more than it has to. The default is silent.
	Logger *slog.Logger

	// Now is the clock of signatures. The default is [time.Now].
	Now func() time.Time
}

// Fetch describes a fetch, for metrics and logs.
type Fetch struct {
	Repository string
	Commit     string
	Blobs      int   // fetched alone; 0 if the whole commit was fetched
	Objects    int   // in the pack
	Bytes      int64 // of the pack
	Requests   int   // HTTP requests sent
	Elapsed    time.Duration
}

func newOptions(optFns []func(*Options)) (Options, error) {
	o := Options{}
	for _, fn := range optFns {
		if fn == nil {
			return o, errors.New("an option function is nil")
		}
		fn(&o)
	}
	if o.MaxSize < 0 {
		return o, fmt.Errorf("Options.MaxSize is %d, it must not be negative", o.MaxSize)
	}
	o.MaxSize = cmp.Or(o.MaxSize, defaultMaxSize)
	o.MaxElapsed = cmp.Or(o.MaxElapsed, defaultMaxElapsed)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}
