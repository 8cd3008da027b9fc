package main

import (
	"archive/zip"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/examples/internal/command"
)

// invocation is what the command line asks for.
type invocation struct {
	local           string // the folder of a git repository; "" for CodeCommit
	repo            string
	region, profile string

	list        bool // only the formats
	format      string
	prefix      string
	extra       []archive.File
	level       int
	modTime     time.Time
	unconverted bool   // archive files in encodings that are not known
	output      string // "" for standard output
	base        string
	large       string // where files over the API's limit come from
	concurrency int
	verbose     bool

	reference string
	paths     []string
}

// The values of -large.
const (
	largeGit  = "git"  // fetch the files by Git's protocol
	largeFail = "fail" // the archive fails and names the files
)

func usagef(format string, args ...any) error { return command.Usagef("archive", format, args...) }

// parse reads the command line. The error is [flag.ErrHelp] if it asks for the
// manual.
func parse(args []string) (*invocation, error) {
	c := &invocation{reference: "HEAD"}
	flags := flag.NewFlagSet("archive", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.local, "local", "", "")
	flags.StringVar(&c.repo, "repo", "", "")
	flags.StringVar(&c.region, "region", "", "")
	flags.StringVar(&c.profile, "profile", "", "")
	flags.StringVar(&c.format, "format", "", "")
	flags.StringVar(&c.prefix, "prefix", "", "")
	flags.StringVar(&c.output, "o", "", "")
	flags.StringVar(&c.base, "base", "", "")
	flags.StringVar(&c.large, "large", "", "")
	flags.IntVar(&c.concurrency, "concurrency", archive.DefaultConcurrency, "")
	flags.BoolVar(&c.verbose, "v", false, "")
	flags.BoolVar(&c.list, "list", false, "")
	flags.BoolVar(&c.list, "l", false, "")
	flags.BoolVar(&c.unconverted, "keep-unconverted", false, "")
	flags.Func("add-file", "", c.addFile)
	flags.Func("add-virtual-file", "", c.addVirtualFile)
	flags.Func("mtime", "", func(text string) (err error) {
		c.modTime, err = parseTime(text)
		return err
	})
	for level := range archive.MaxLevel + 1 {
		flags.BoolFunc(strconv.Itoa(level), "", func(string) error {
			c.level = level
			if level == 0 {
				c.level = archive.NoCompression
			}
			return nil
		})
	}

	operands, err := command.Parse(flags, args)
	if err != nil {
		return c, err
	}
	set := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if err := command.NotEmpty(flags, "prefix"); err != nil {
		return c, err
	}
	switch {
	case set["local"] && set["repo"]:
		return c, usagef("-local and -repo exclude each other")
	case !set["repo"] && (set["region"] || set["profile"]):
		return c, usagef("-region and -profile need -repo")
	case c.concurrency < 1:
		return c, usagef("-concurrency %d: at least one call must be in flight", c.concurrency)
	case !set["repo"] && !set["local"]:
		c.local = "."
	}
	switch c.large {
	case largeGit, largeFail:
	case "":
		c.large = largeFail
		if set["repo"] {
			c.large = largeGit
		}
	default:
		return c, usagef("-large %s: it is git or fail", c.large)
	}
	if len(operands) > 0 {
		c.reference, c.paths = operands[0], operands[1:]
	}
	if c.reference == "" {
		return c, usagef("the reference is empty")
	}
	if c.output == "-" {
		c.output = ""
	}
	if c.format, err = chooseFormat(c.format, c.output); err != nil {
		return c, err
	}
	if c.level != 0 && c.format == formatTar {
		return c, usagef("a level of compression works with zip and tar.gz archives, not with tar")
	}
	if c.base != "" && c.format != formatZip {
		return c, usagef("-base works with zip archives, not with %s", c.format)
	}
	return c, nil
}

// run makes the archive.
func (c *invocation) run(ctx context.Context, stdout, stderr io.Writer) error {
	if c.list {
		_, err := io.WriteString(stdout, "tar\ntgz\ntar.gz\nzip\n")
		return err
	}
	start := time.Now()
	dest, err := c.destination(stdout)
	if err != nil {
		return err
	}
	defer dest.close()
	var base *zip.Reader
	if c.base != "" {
		file, err := zip.OpenReader(c.base)
		if err != nil {
			return fmt.Errorf("-base %s: %w (the first archive is made without -base)", c.base, err)
		}
		defer file.Close()
		base = &file.Reader
	}
	repo, cfg, stop, err := c.open(ctx, stderr)
	if err != nil {
		return err
	}
	defer stop()
	var fetched fetches

	bar := newBar(stderr, !c.verbose)
	archiver := archive.New(repo, func(o *archive.Options) {
		o.Prefix = c.prefix
		o.Pathspecs = c.paths
		o.Extra = c.extra
		o.Level = c.level
		o.ModTime = c.modTime
		o.KeepUnconverted = c.unconverted
		o.Concurrency = c.concurrency
		o.Progress = bar.update
		o.Base = base
		if c.verbose {
			o.Logger = slog.New(slog.NewTextHandler(stderr, nil))
		}
		if c.large == largeGit {
			o.LargeBlob = gitfetch.LargeBlob(cfg, func(g *gitfetch.Options) {
				g.OnFetch = fetched.add
				g.Logger = o.Logger
			})
		}
	})
	info, err := dest.write(ctx, c.describe(archiver))
	bar.clear()
	if err != nil {
		return err
	}
	fetched.report(stderr)
	report(stderr, info, time.Since(start))
	return nil
}

// report tells what was made, in the last line.
func report(w io.Writer, info *archive.Info, took time.Duration) {
	if n := len(info.Submodules); n > 0 {
		fmt.Fprintf(w, "archive: note: %s, as in git archive\n", plural(n, "submodule is an empty folder", "submodules are empty folders"))
	}
	if n := len(info.LFS); n > 0 {
		fmt.Fprintf(w, "archive: note: %s in Git LFS, the archive has the pointer\n", plural(n, "file is", "files are"))
	}
	if n := len(info.Unconverted); n > 0 {
		fmt.Fprintf(w, "archive: note: %s in UTF-8, as this program cannot produce the encoding\n", plural(n, "file is", "files are"))
	}
	reused := ""
	if info.Base.Ignored != "" {
		fmt.Fprintf(w, "archive: note: the base is of no use: %s\n", info.Base.Ignored)
	} else if info.Base.Reused > 0 {
		reused = fmt.Sprintf(" (%d from the base)", info.Base.Reused)
	}
	fmt.Fprintf(w, "archive: commit %s: %s%s, %s, %s in %v\n", info.Commit.ID,
		plural(info.Files, "file", "files"), reused, plural(info.Bytes, "byte", "bytes"),
		plural(info.Calls, "call", "calls"), took.Round(time.Millisecond))
}

func plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
