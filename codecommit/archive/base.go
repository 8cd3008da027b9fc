package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/deflate"
	"github.com/codesuite-go/codesuite/internal/gitattr"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// base is an earlier archive. Its members are found by their content: each is
// hashed as git hashes a blob.
type base struct {
	commit string
	leaves []codecommit.Entry // the files and links, as paths of the repository
	files  map[string]*baseFile
}

// baseFile is a member of the base, by its blob ID.
type baseFile struct {
	*zip.File
	isLink bool
	binary bool // by its content
	lfs    *LFSPointer
}

// openBase reads and checks the base. The error is the reason why it does not
// fit.
func openBase(r *zip.Reader, prefix string, level int) (*base, error) {
	if !gitobj.IsID(r.Comment) {
		return nil, errors.New("its comment is not a commit ID")
	}
	b := &base{commit: r.Comment, files: make(map[string]*baseFile, len(r.File))}
	ids := make([]string, len(r.File))
	found := make([]*baseFile, len(r.File))
	errs := make([]error, len(r.File))
	samples := sampleFiles(r.File)
	inParallel(len(r.File), func(i int) {
		if f := r.File[i]; !strings.HasSuffix(f.Name, "/") {
			found[i], ids[i], errs[i] = readBaseFile(f, samples[i], level)
		}
	})
	for i, f := range r.File {
		switch {
		case errs[i] != nil:
			return nil, fmt.Errorf("%q: %w", f.Name, errs[i])
		case found[i] != nil:
			b.files[ids[i]] = found[i]
			// A name without the prefix makes a path that is not in the
			// repository, and the tree then fails its proof.
			b.leaves = append(b.leaves, codecommit.Entry{
				Path: strings.TrimPrefix(f.Name, prefix), Mode: zipMode(f), ID: ids[i],
			})
		}
	}
	return b, nil
}

// inParallel calls do for 0 to n-1, as many at a time as there are processors.
func inParallel(n int, do func(int)) {
	var (
		wg   sync.WaitGroup
		next = make(chan int)
	)
	for range concurrentEncodings() {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

func zipMode(f *zip.File) codecommit.Mode {
	if f.CreatorVersion>>8 != zipCreatorUnix>>8 {
		return codecommit.ModeFile
	}
	return codecommit.Mode(f.ExternalAttrs >> 16).Canonical()
}

// readBaseFile hashes a member. Of a sample it also checks that it is compressed
// as this package compresses.
func readBaseFile(f *zip.File, sample bool, level int) (*baseFile, string, error) {
	mode := zipMode(f)
	if !isBlob(mode) {
		return nil, "", fmt.Errorf("it has the mode %s", mode)
	}
	bf := &baseFile{File: f, isLink: mode == codecommit.ModeSymlink}
	if f.UncompressedSize64 > maxWhole || f.CompressedSize64 > maxWhole {
		id, err := bf.hash()
		return bf, id, err
	}
	raw, content := buffers.Get().(*bytes.Buffer), buffers.Get().(*bytes.Buffer)
	defer buffers.Put(raw)
	defer buffers.Put(content)
	if err := bf.read(raw, content); err != nil {
		return nil, "", err
	}
	bf.binary = gitattr.LooksBinary(content.Bytes())
	if p, ok := parseLFSPointer(content.Bytes()); ok && !bf.isLink {
		bf.lfs = &p
	}
	if sample {
		if err := checkSample(f, mode, raw.Bytes(), content.Bytes(), level); err != nil {
			return nil, "", err
		}
	}
	return bf, gitobj.BlobID(content.Bytes()), nil
}

// maxWhole is the size of the largest member that is read as a whole.
const maxWhole = 8 << 20

// read sets raw to the member as it is compressed, and content to its content.
func (f *baseFile) read(raw, content *bytes.Buffer) error {
	r, err := f.OpenRaw()
	if err != nil {
		return err
	}
	raw.Reset()
	if n, err := raw.ReadFrom(r); err != nil {
		return err
	} else if uint64(n) != f.CompressedSize64 {
		return io.ErrUnexpectedEOF
	}
	content.Reset()
	switch f.Method {
	case zip.Store:
		content.Write(raw.Bytes())
	case zip.Deflate:
		size := int(f.UncompressedSize64)
		content.Grow(size)
		all := content.AvailableBuffer()[:size]
		if err := deflate.Inflate(all, raw.Bytes()); err != nil {
			return err
		}
		content.Write(all)
	default:
		return zip.ErrAlgorithm
	}
	if uint64(content.Len()) != f.UncompressedSize64 {
		return zip.ErrFormat
	}
	if crc32.ChecksumIEEE(content.Bytes()) != f.CRC32 {
		return zip.ErrChecksum
	}
	return nil
}

// hash returns the blob ID of a large member, and finds out whether it is binary.
func (f *baseFile) hash() (id string, err error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := gitobj.NewHash("blob", int64(f.UncompressedSize64))
	var binary binaryWriter
	// The reader checks the size and the CRC-32, but only at the end.
	n, err := io.Copy(io.MultiWriter(h, &binary), io.LimitReader(r, int64(f.UncompressedSize64)+1))
	if err != nil {
		return "", err
	}
	if n != int64(f.UncompressedSize64) {
		return "", zip.ErrFormat
	}
	f.binary = binary.found
	return gitobj.Sum(h), nil
}

// Members are copied as they are compressed. A base is used only if its
// compressor makes the bytes that this package makes: a sample of its members is
// compressed again to find out.
const (
	maxSamples    = 16
	minSampleSize = 64
	maxSampleSize = 256 << 10
)

// sampleFiles chooses members, by index, from all over the archive.
func sampleFiles(files []*zip.File) map[int]bool {
	var fit []int
	for i, f := range files {
		if mode := zipMode(f); f.UncompressedSize64 >= minSampleSize && f.UncompressedSize64 <= maxSampleSize &&
			(mode == codecommit.ModeFile || mode == codecommit.ModeExecutable) {
			fit = append(fit, i)
		}
	}
	samples := make(map[int]bool, maxSamples)
	for n := range min(maxSamples, len(fit)) {
		samples[fit[n*len(fit)/min(maxSamples, len(fit))]] = true
	}
	return samples
}

// checkSample checks that raw is what the content is compressed to.
func checkSample(f *zip.File, mode codecommit.Mode, raw, content []byte, level int) error {
	want, err := (&zipFormat{level: level}).encode(&member{mode: mode}, content)
	if err != nil {
		return err
	}
	if f.Method != want.method || !bytes.Equal(raw, want.data) {
		return errors.New("it is not compressed as this version of the package does it")
	}
	return nil
}

// file returns the member of the base with the content of m, or nil.
func (b *base) file(m *member) *baseFile {
	if b == nil || m.attributes != nil || m.path == "" || m.isFolder() {
		return nil
	}
	if f := b.files[m.id]; f != nil && f.isLink == (m.mode == codecommit.ModeSymlink) {
		return f
	}
	return nil
}

// has reports whether the base has the blob.
func (b *base) has(id string) bool { return b != nil && b.files[id] != nil }

// content returns the content of the blob, if the base has it.
func (b *base) content(id string) ([]byte, bool) {
	if !b.has(id) {
		return nil, false
	}
	r, err := b.files[id].Open()
	if err != nil {
		return nil, false
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	return content, err == nil
}

// useBase opens Options.Base and returns the folders, by tree ID, that follow from
// the base and the changes since. They lack submodules and files that attributes
// leave out: folders that differ are walked, while that is cheaper than a listing
// of all files, which the number of calls says. It returns none if the base does
// not fit.
func (j *job) useBase(ctx context.Context) (known map[string][]codecommit.Entry, calls int, err error) {
	if j.options.Base == nil {
		return nil, 0, nil
	}
	if !j.isZip {
		return nil, 0, j.ignoreBase(ctx, errors.New("only a zip archive has a base"))
	}
	if j.isTree {
		return nil, 0, j.ignoreBase(ctx, errors.New("an archive of a folder alone has no base"))
	}
	b, err := openBase(j.options.Base, j.options.Prefix, j.stamp().level)
	if err != nil {
		return nil, 0, j.ignoreBase(ctx, err)
	}
	j.info.Base.Commit = b.commit
	leaves, err := j.changedLeaves(ctx, b)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, j.ignoreBase(ctx, fmt.Errorf("commit %s is not in repository %s", b.commit, j.repo.Name()))
	}
	if err != nil {
		return nil, 0, err
	}
	j.base = b
	t, err := newTree(leaves)
	if err != nil {
		return nil, 0, nil // no names of this repository
	}
	return t.subtrees(), 2 + len(leaves)/codecommit.ChangesPerCall, nil
}

func (j *job) ignoreBase(ctx context.Context, reason error) error {
	j.logger.WarnContext(ctx, "archive: the base does not fit, making the archive without it", "reason", reason)
	j.info.Base = BaseInfo{Ignored: reason.Error()}
	return nil
}

// changedLeaves applies what changed since the base to its leaves.
func (j *job) changedLeaves(ctx context.Context, b *base) ([]codecommit.Entry, error) {
	changed := make(map[string]codecommit.Entry)
	if b.commit != j.commit.ID {
		for change, err := range j.repo.Changes(ctx, b.commit, j.commit.ID) {
			if err != nil {
				return nil, err
			}
			changed[change.Path] = change.After
		}
	}
	for _, f := range j.options.Extra {
		name := strings.TrimPrefix(f.fullName(j.options.Prefix), j.options.Prefix)
		if _, ok := changed[name]; !ok { // a member of the base, not of the repository
			changed[name] = codecommit.Entry{}
		}
	}
	leaves := slices.DeleteFunc(b.leaves, func(e codecommit.Entry) bool {
		_, ok := changed[e.Path]
		return ok
	})
	for _, e := range changed {
		if e.Path != "" {
			leaves = append(leaves, e)
		}
	}
	return leaves, nil
}
