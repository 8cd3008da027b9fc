package archive_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// rawTree stores a tree of entries "<mode> <name>\x00<id>" as they are, which
// git's own commands would refuse, and returns its ID.
func rawTree(t testing.TB, r *gittest.Repo, entries ...[3]string) string {
	t.Helper()
	var tree []byte
	for _, e := range entries {
		id, err := hex.DecodeString(e[2])
		if err != nil {
			t.Fatal(err)
		}
		tree = append(tree, e[0]+" "+e[1]+"\x00"...)
		tree = append(tree, id...)
	}
	return strings.TrimSpace(string(r.Output(tree, "hash-object", "-t", "tree", "-w", "--stdin", "--literally")))
}

// commitOf makes the branch main of a tree.
func commitOf(t testing.TB, r *gittest.Repo, tree string) string {
	t.Helper()
	id := r.CommitTree(tree, "A tree")
	r.Git("update-ref", "refs/heads/main", id)
	return id
}

// listings are the ways in which the archive comes to the list of files: in
// the pages of GetDifferences, or folder by folder where these lack something.
var listings = []struct {
	name string
	api  func(*codecommittest.Server) codecommit.API
}{
	{"pages", func(s *codecommittest.Server) codecommit.API { return client(s) }},
	{"walk", func(s *codecommittest.Server) codecommit.API {
		return &tampered{API: client(s), differences: func(out *awscodecommit.GetDifferencesOutput) { out.Differences = nil }}
	}},
}

// TestHostileTrees archives trees that must not be extracted.
func TestHostileTrees(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	link := r.Blob("/etc")
	below := rawTree(t, r, [3]string{"100644", "x", blob})
	type tree struct {
		name    string
		entries [][3]string
		names   []string // of the error
	}
	trees := []tree{
		{"file twice", [][3]string{{"100644", "a", blob}, {"100644", "a", link}}, []string{`a"`, "twice"}},
		{"file and link", [][3]string{{"100644", "a", blob}, {"120000", "a", link}}, []string{`a"`, "twice"}},
		{"file and folder", [][3]string{{"100644", "a", blob}, {"40000", "a", below}}, []string{`a"`}},
		{"link and folder", [][3]string{{"120000", "a", link}, {"40000", "a", below}}, []string{`a"`}},
		{"link, others and folder", [][3]string{{"120000", "a", link}, {"100644", "a-b", blob}, {"40000", "a", below}}, []string{`a"`}},
		{"submodule and folder", [][3]string{{"160000", "a", link}, {"40000", "a", below}}, []string{`a"`}},
		{"through a link, by a backslash", [][3]string{{"120000", "l", link}, {"100644", `l\x`, blob}}, []string{"l\\\\x", `l"`, "link"}},
		{"through a link, deeper", [][3]string{{"100644", `p\L\q\x`, blob}, {"120000", `p\l`, link}}, []string{"link"}},
		{"through a link of other case", [][3]string{{"120000", "L", link}, {"40000", "l", below}}, []string{`L"`, "link"}},
		{"through a link of another normalisation", [][3]string{{"120000", "e\u0301", link}, {"40000", "\u00e9", below}}, []string{"link"}},
		{"through a link with ignored runes", [][3]string{{"120000", "ab", link}, {"40000", "a\u200db", below}}, []string{"link"}},
		{"folder twice", [][3]string{{"40000", "a", below}, {"40000", "a", below}}, []string{"a", "twice"}},
	}
	for _, name := range []string{"..", ".", ".git", ".GIT", "git~1", ".git.", ".git ", ".git. .", `..\x`, `a\..\x`, `\x`, `x\.git`, `x\.GIT\y`, "C:x", "a/b", "../x", "/abs", ".g\u200cit"} {
		quoted := fmt.Sprintf("%q", name)
		trees = append(trees,
			tree{"file " + quoted, [][3]string{{"100644", name, blob}}, nil},
			tree{"folder " + quoted, [][3]string{{"40000", name, below}}, nil},
			tree{"link " + quoted, [][3]string{{"120000", name, link}}, nil},
			tree{"submodule " + quoted, [][3]string{{"160000", name, link}}, nil},
		)
	}
	for i, tt := range trees {
		tree := rawTree(t, r, tt.entries...)
		nested := rawTree(t, r, [3]string{"40000", "sub", tree})
		r.Git("update-ref", fmt.Sprintf("refs/heads/top%d", i), r.CommitTree(tree, "Top"))
		r.Git("update-ref", fmt.Sprintf("refs/heads/nested%d", i), r.CommitTree(nested, "Nested"))
	}
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	for _, listing := range listings {
		cc := codecommit.New(listing.api(server), "staging")
		for i, tt := range trees {
			for _, place := range []string{"top", "nested"} {
				t.Run(listing.name+"/"+place+"/"+tt.name, func(t *testing.T) {
					t.Parallel()
					if place == "nested" && strings.Contains(tt.name, `"C:x"`) || place == "nested" && strings.Contains(tt.name, `"\\x"`) {
						t.Skip("no drive and no root inside of a folder")
					}
					some := formats
					if place == "nested" || listing.name == "walk" {
						some = formats[i%len(formats):][:1]
					}
					for _, format := range some {
						var out recorder
						leakless(t, func() {
							_, err := format.of(archive.New(cc), fmt.Sprint(place, i)).Write(t.Context(), &out)
							checkError(t, err, nil, tt.names...)
							var integrity *archive.IntegrityError
							if len(tt.names) == 0 && !errors.Is(err, archive.ErrInsecurePath) && !errors.As(err, &integrity) &&
								!strings.Contains(err.Error(), "not a name") {
								t.Errorf("the error does not say what is wrong: %v", err)
							}
						})
						if n := len(out.bytes()); n > 0 {
							t.Errorf("%s: %d bytes were written", format.name, n)
						}
					}
				})
			}
		}
	}
}

// TestBackslashNames archives names with backslashes as git does.
func TestBackslashNames(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	link := r.Blob("target")
	units := rawTree(t, r, [3]string{"100644", `mnt-my\x2ddata.mount`, blob}, [3]string{"120000", `z\link`, link})
	commitOf(t, r, rawTree(t, r,
		[3]string{"100644", `a\b`, blob},
		[3]string{"120000", "link", link},
		[3]string{"100644", `linked\x`, blob},
		[3]string{"40000", `s\t`, units},
		[3]string{"40000", "units", units},
		[3]string{"100644", `x\`, blob},
	))
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	for _, listing := range listings {
		cc := codecommit.New(listing.api(server), "staging")
		got, err := archive.New(cc).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), got)
		checkZip(t, r, archive.New(cc))
	}
}

// TestHostileNamesLeftOut archives trees whose hostile names are no members.
func TestHostileNamesLeftOut(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	bad := rawTree(t, r, [3]string{"100644", `..\x`, blob}, [3]string{"100644", "x", blob})
	commitOf(t, r, rawTree(t, r,
		[3]string{"100644", ".gitattributes", r.Blob("/ignored export-ignore\n")},
		[3]string{"40000", "bad", bad},
		[3]string{"100644", "file", blob},
		[3]string{"40000", "ignored", bad},
	))
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	for _, listing := range listings {
		cc := codecommit.New(listing.api(server), "staging")
		for _, specs := range [][]string{{"file"}, {":!bad"}, {"bad/x", "file"}} {
			got, err := archive.New(cc, with(archive.Options{Pathspecs: specs})).Tar("main").Bytes(t.Context())
			if err != nil {
				t.Fatalf("%s %q: %v", listing.name, specs, err)
			}
			sameTar(t, r.Output(nil, append([]string{"archive", "--format=tar", "main"}, specs...)...), got)
		}
		_, err := archive.New(cc).Tar("main").Bytes(t.Context())
		checkError(t, err, archive.ErrInsecurePath, `"bad/..\\x"`)
	}
}

// TestUnsortedTree archives a tree whose files are not in git's order: in the
// order of the tree, as git does.
func TestUnsortedTree(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	commitOf(t, r, rawTree(t, r, [3]string{"100644", "b", blob}, [3]string{"100644", "a", blob}))
	_, cc := serve(t, r.Dir)
	got, err := archive.New(cc).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), got)
}

// TestTreeInNoOrder archives a tree whose files and folders are in no order, which
// has an ID that no listing makes: the API lists files and folders apart.
func TestTreeInNoOrder(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	folder := rawTree(t, r, [3]string{"100644", "x", blob})
	commitOf(t, r, rawTree(t, r, [3]string{"100644", "c", blob}, [3]string{"40000", "a", folder}, [3]string{"100644", "b", blob}))
	_, cc := serve(t, r.Dir)
	_, err := archive.New(cc).Tar("main").Bytes(t.Context())
	var integrity *archive.IntegrityError
	if !errors.As(err, &integrity) || !integrity.Folder || !strings.Contains(err.Error(), "SkipVerify") {
		t.Errorf("error %v is not an IntegrityError of a folder that names SkipVerify", err)
	}
}

// TestDeepTree archives many folders in each other.
func TestDeepTree(t *testing.T) {
	t.Parallel()
	const depth = 300
	r := gittest.New(t)
	tree := rawTree(t, r, [3]string{"100644", "x", r.Blob("content")})
	for range depth {
		tree = rawTree(t, r, [3]string{"40000", "d", tree})
	}
	commitOf(t, r, tree)
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	want := r.Output(nil, "archive", "--format=tar", "main")
	for _, listing := range listings {
		got, err := archive.New(codecommit.New(listing.api(server), "staging")).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", listing.name, err)
		}
		sameTar(t, want, got)
	}
}

// TestEmptyFolders archives trees with folders that hold nothing, which git
// itself never makes.
func TestEmptyFolders(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	blob := r.Blob("content")
	empty := rawTree(t, r)
	if empty != "4b825dc642cb6eb9a060e54bf8d69288fbee4904" {
		t.Fatalf("the ID of the empty tree is %s", empty)
	}
	onlyEmpty := rawTree(t, r, [3]string{"40000", "e", empty}, [3]string{"40000", "f", empty})
	commitOf(t, r, rawTree(t, r,
		[3]string{"100644", "a", blob},
		[3]string{"40000", "b", empty},
		[3]string{"40000", "c", onlyEmpty},
		[3]string{"40000", "d", rawTree(t, r, [3]string{"40000", "a", empty}, [3]string{"100644", "b", blob}, [3]string{"40000", "c", onlyEmpty})},
		[3]string{"100644", "z", blob},
	))
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	for _, listing := range listings {
		cc := codecommit.New(listing.api(server), "staging")
		for _, paths := range [][]string{nil, {"d"}, {"a", "b"}, {"c/e", "z"}} {
			t.Run(fmt.Sprint(listing.name, paths), func(t *testing.T) {
				t.Parallel()
				got, err := archive.New(cc, with(archive.Options{Paths: paths})).Tar("main").Bytes(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				sameTar(t, r.Output(nil, append([]string{"archive", "--format=tar", "main"}, paths...)...), got)
			})
		}
	}
}
