package command

import (
	"flag"
	"fmt"
)

// UsageError is a command line that makes no sense.
type UsageError struct{ Text string }

var _ error = (*UsageError)(nil)

// Error returns the text.
func (e *UsageError) Error() string { return e.Text }

// Usagef returns a [UsageError]. It names the command whose -h is the manual.
func Usagef(name, format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...) + " (" + name + " -h is the manual)"}
}

// Parse parses flags wherever they stand before "--", and returns the operands. The
// error is [flag.ErrHelp] or a [UsageError].
func Parse(flags *flag.FlagSet, args []string) ([]string, error) {
	var operands []string
	for {
		if err := flags.Parse(args); err == flag.ErrHelp {
			return nil, err
		} else if err != nil {
			return nil, Usagef(flags.Name(), "%v", err)
		}
		rest := flags.Args()
		if len(rest) == 0 {
			return operands, nil
		}
		if parsed := len(args) - len(rest); parsed > 0 && args[parsed-1] == "--" {
			return append(operands, rest...), nil
		}
		operands = append(operands, rest[0])
		args = rest[1:]
	}
}

// NotEmpty returns a [UsageError] if one of the flags was given an empty text, which
// mostly is a variable of a script that is not set. The flags that may be empty are
// named.
func NotEmpty(flags *flag.FlagSet, except ...string) (err error) {
	may := make(map[string]bool)
	for _, name := range except {
		may[name] = true
	}
	flags.Visit(func(f *flag.Flag) {
		if _, isText := f.Value.(flag.Getter); isText && f.Value.String() == "" && !may[f.Name] && err == nil {
			err = Usagef(flags.Name(), "-%s is empty", f.Name)
		}
	})
	return err
}
