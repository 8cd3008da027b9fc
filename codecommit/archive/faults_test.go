package archive_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// TestFaults archives from a service that throttles, fails and drops
// connections. CODESUITE_FAULT_ROUNDS is how often, instead of 3 times.
func TestFaults(t *testing.T) {
	t.Parallel()
	rounds := 3
	if s := os.Getenv("CODESUITE_FAULT_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	r := everyShape(t)
	r.Git("rm", "--quiet", "--cached", "many/file-0[3-9]*")
	r.Git("commit", "--quiet", "--message=Fewer")
	want := r.Output(nil, "archive", "--format=tar", "main")
	var zip, gz []byte
	_, quiet := serve(t, r.Dir)
	for _, f := range formats {
		data, err := f.of(archive.New(quiet), "main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		switch f.name {
		case "zip":
			zip = data
		case "tar.gz":
			gz = data
		}
	}
	var done, throttled atomic.Int64
	t.Run("rounds", func(t *testing.T) {
		for round := range rounds {
			t.Run(fmt.Sprint(round), func(t *testing.T) {
				t.Parallel()
				server, cc := serve(t, r.Dir)
				server.SetFaults(codecommittest.Faults{
					Rate: 500, ErrorRate: 0.04, DropRate: 0.02, TruncateRate: 0.01,
					Seed: uint64(round), PageSize: 50, TruncateListing: round % 3 * 50,
				})
				cc = cc.With(func(o *codecommit.Options) {
					o.OnCall = func(c codecommit.Call) { throttled.Add(int64(c.Throttled)) }
				})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				leakless(t, func() {
					f := formats[round%len(formats)]
					got, err := f.of(archive.New(cc, with(archive.Options{Concurrency: 64})), "main").Bytes(ctx)
					if err != nil {
						t.Fatal(err)
					}
					switch f.name {
					case "tar":
						sameTar(t, want, got)
					case "zip":
						if !bytes.Equal(got, zip) {
							t.Error("the zip archive has other bytes than without faults")
						}
					case "tar.gz":
						if !bytes.Equal(got, gz) {
							t.Error("the tar.gz archive has other bytes than without faults")
						}
					}
					done.Add(1)
				})
			})
		}
	})
	t.Logf("%d of %d archives are right; %d calls were throttled", done.Load(), rounds, throttled.Load())
}

// BenchmarkThrottled archives 2,000 files from a service that allows 500 calls
// a second, with the faults of TestFaults and without. It reports the calls,
// the share of them that was throttled, and the time as a multiple of what the
// calls must take at that rate, which once was 1.07 with all faults.
func BenchmarkThrottled(b *testing.B) {
	const rate = 500
	contents := noisyFiles(2000, 100)
	for _, bb := range []struct {
		name    string
		faults  codecommittest.Faults
		retryer func() aws.Retryer // nil for that of the test server, which hardly waits
	}{
		{"rate", codecommittest.Faults{Rate: rate}, nil},
		{"rate and latency", codecommittest.Faults{Rate: rate, Latency: 20 * time.Millisecond}, nil},
		{"all faults", codecommittest.Faults{Rate: rate, Latency: 20 * time.Millisecond, ErrorRate: 0.04, DropRate: 0.02}, nil},
		{"all faults with the waits of the SDK", codecommittest.Faults{Rate: rate, Latency: 20 * time.Millisecond, ErrorRate: 0.04, DropRate: 0.02},
			func() aws.Retryer { return retry.NewStandard() }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			server, cc := serveFS(b, files(contents))
			server.SetFaults(bb.faults)
			if bb.retryer != nil {
				config := server.Config()
				config.Retryer = bb.retryer
				cc = codecommit.Open(config, "staging")
			}
			var throttled, calls int
			var count atomic.Int64
			cc = cc.With(func(o *codecommit.Options) {
				o.OnCall = func(c codecommit.Call) { count.Add(int64(c.Throttled)) }
			})
			for b.Loop() {
				info, err := archive.New(cc, with(archive.Options{Concurrency: 64})).Tar("main").Write(b.Context(), discard{})
				if err != nil {
					b.Fatal(err)
				}
				calls += info.Calls
			}
			throttled = int(count.Load())
			ideal := time.Duration(len(contents)) * time.Second / rate * time.Duration(b.N)
			b.ReportMetric(float64(calls)/float64(b.N), "calls")
			b.ReportMetric(100*float64(throttled)/float64(calls), "%throttled")
			b.ReportMetric(float64(b.Elapsed())/float64(ideal), "×rate-bound")
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
