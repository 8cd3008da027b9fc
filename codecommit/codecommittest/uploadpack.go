package codecommittest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// uploadPack answers the requests for one repository through git upload-pack.
type uploadPack struct {
	git      *git
	protocol GitProtocol
	version  string // that the client asks for
}

// command returns git upload-pack.
func (u *uploadPack) command(ctx context.Context, args ...string) *exec.Cmd {
	set := func(name string, value bool) []string {
		return []string{"-c", fmt.Sprintf("uploadpack.%s=%t", name, value)}
	}
	all := slices.Concat(
		set("allowFilter", !u.protocol.NoFilter), set("allowAnySHA1InWant", !u.protocol.TipsOnly && !u.protocol.CommitsOnly),
		[]string{"upload-pack", "--stateless-rpc"}, args, []string{u.git.dir},
	)
	cmd := exec.CommandContext(ctx, "git", all...)
	cmd.Env = u.git.env
	if !u.protocol.Version0 && u.version != "" {
		cmd.Env = append(slices.Clone(cmd.Env), "GIT_PROTOCOL="+u.version)
	}
	cmd.WaitDelay = time.Second
	return cmd
}

// describe answers the request with which a client starts.
func (u *uploadPack) describe(w http.ResponseWriter, r *http.Request) {
	cmd := u.command(r.Context(), "--advertise-refs")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		http.Error(w, gitError(err, complaint.String()).Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
	w.Header().Set("Cache-Control", "no-cache")
	reply := out.Bytes()
	if !bytes.HasPrefix(reply, []byte("000eversion 2")) {
		io.WriteString(w, "001e# service=git-upload-pack\n0000")
	}
	w.Write(u.restrict(reply))
}

// restrict takes out of a server's description what it does not offer.
func (u *uploadPack) restrict(description []byte) []byte {
	var out []byte
	for len(description) >= 4 {
		n, err := strconv.ParseUint(string(description[:4]), 16, 16)
		if err != nil || int(n) > len(description) {
			break
		}
		if n < 4 {
			out = append(out, description[:4]...)
			description = description[4:]
			continue
		}
		if text := u.restrictLine(string(description[4:n])); text != "" {
			out = fmt.Appendf(out, "%04x%s", len(text)+4, text)
		}
		description = description[n:]
	}
	return out
}

// restrictLine returns what is left of a line, or "".
func (u *uploadPack) restrictLine(text string) string {
	if u.protocol.NoFormat {
		if strings.HasPrefix(text, objectFormat) {
			return ""
		}
		text = strings.Replace(text, " "+objectFormat+"sha1", "", 1)
	}
	if u.protocol.NoShallow {
		for _, word := range []string{"shallow", "deepen-since", "deepen-not", "deepen-relative"} {
			text = strings.Replace(text, "="+word+" ", "=", 1)
			text = strings.Replace(text, " "+word+" ", " ", 1)
		}
	}
	if u.protocol.Format != "" {
		text = strings.Replace(text, objectFormat+"sha1", objectFormat+u.protocol.Format, 1)
	}
	return text
}

// objectFormat starts what a server or client says about the format of object IDs.
const objectFormat = "object-format="

// wantsPack reports whether a request asks for objects, not for references.
func wantsPack(request []byte) bool { return bytes.Contains(request, []byte("want ")) }

// reply answers a request. After cut bytes, if it is not 0, it closes the connection.
func (u *uploadPack) reply(w http.ResponseWriter, r *http.Request, request []byte, cut int64) {
	w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
	w.Header().Set("Cache-Control", "no-cache")
	if u.protocol.NoFormat && bytes.Contains(request, []byte(objectFormat)) {
		return // such a git dies
	}
	if id, refused := u.refused(r.Context(), request); refused {
		text := "ERR upload-pack: not our ref " + id
		fmt.Fprintf(w, "%04x%s", len(text)+4, text)
		return
	}
	cmd := u.command(r.Context())
	cmd.Stdin = bytes.NewReader(request)
	out := &cutWriter{w: w, left: cut, cuts: cut > 0}
	cmd.Stdout = out
	err := cmd.Run()
	if out.ended || err != nil && r.Context().Err() != nil {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	// Git has told the client of its error, in a packet.
}

// refused returns the first object of a request that the server does not give.
func (u *uploadPack) refused(ctx context.Context, request []byte) (id string, refused bool) {
	var args []string
	switch {
	case u.protocol.TipsOnly:
		args = []string{"for-each-ref", "--format=%(objectname) %(*objectname)"}
	case u.protocol.CommitsOnly:
		args = []string{"rev-list", "--all"}
	default:
		return "", false
	}
	out, err := u.git.run(ctx, slices.Concat([]string{"--git-dir", u.git.dir}, args)...)
	if err != nil {
		return "", false
	}
	given := strings.Fields(out)
	for rest := string(request); ; {
		_, after, ok := strings.Cut(rest, "want ")
		if !ok {
			return "", false
		}
		id, rest = after[:min(40, len(after))], after
		if !slices.Contains(given, id) {
			return id, true
		}
	}
}

// cutWriter ends after some bytes.
type cutWriter struct {
	w     io.Writer
	left  int64
	cuts  bool
	ended bool
}

func (c *cutWriter) Write(p []byte) (int, error) {
	if !c.cuts {
		return c.w.Write(p)
	}
	if int64(len(p)) < c.left {
		c.left -= int64(len(p))
		return c.w.Write(p)
	}
	n, err := c.w.Write(p[:c.left])
	c.left, c.ended = 0, true
	if err == nil {
		err = io.ErrShortWrite
	}
	return n, err
}
