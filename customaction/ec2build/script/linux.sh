#!/bin/bash
# Runs one build on an instance. Systems Manager replaces the names in double
# braces: values are base64 or an ID, so that none is part of a line of this script.
# Lists have a zero byte behind each element.
#
# Needs: bash 4.2 or later, coreutils, grep, the AWS CLI, unzip for inputs and zip
# for outputs.
if [ -z "${BASH_VERSION:-}" ]; then exec /bin/bash "$0"; fi
set -euo pipefail

command64='{{ Command }}'
directory64='{{ WorkingDirectory }}'
environment64='{{ Environment }}'
inputs64='{{ Inputs }}'
outputs64='{{ Outputs }}'
key64='{{ EncryptionKey }}'
variables64='{{ Variables }}'
instance='{{ Instance }}'

say() { printf 'codesuite: %s\n' "$*"; }
fail() {
	printf 'codesuite: %s\n' "$*" >&2
	exit 1
}
need() { command -v "$1" >/dev/null 2>&1 || fail "the image has no $1, which $2 needs: install it in the image"; }

# decode keeps newlines at the end, which $() drops: the caller cuts the dot off.
decode() {
	printf '%s' "$1" | base64 -d
	printf .
}

need base64 "every build"
temp=$(mktemp -d)
mkdir "$temp/work" "$temp/inputs" "$temp/outputs"

while IFS= read -r -d '' name && IFS= read -r -d '' value; do
	export "$name=$value"
done < <(printf '%s' "$environment64" | base64 -d)
export CODESUITE_OUTPUT="$temp/variables"
: >"$CODESUITE_OUTPUT"

directory=$(decode "$directory64")
directory=${directory%.}
case $directory in
'') directory="$temp/work" ;;
/*) ;;
*) directory="$temp/work/$directory" ;;
esac
mkdir -p -- "$directory" || fail "cannot make the working directory"
cd -- "$directory" || fail "cannot enter the working directory"

# download gets an artifact and unpacks it into the folder.
download() {
	local name=$1 bucket=$2 key=$3 folder=$4 file="$temp/artifact"
	need aws "an input artifact"
	say "fetching the input artifact $name"
	aws s3 cp --only-show-errors "s3://$bucket/$key" "$file" </dev/null ||
		fail "cannot fetch the input artifact $name from s3://$bucket/$key: the instance's role needs s3:GetObject for it, and kms:Decrypt for its key"
	case $(head -c 4 -- "$file" | od -A n -t x1 | tr -d ' \n') in
	504b0304 | 504b0506)
		need unzip "an input artifact"
		# Exit code 1 is a warning.
		unzip -q -o "$file" -d "$folder" </dev/null || [ $? -eq 1 ] || fail "cannot unpack the input artifact $name"
		;;
	1f8b*) tar -x -z -f "$file" -C "$folder" --no-same-owner || fail "cannot unpack the input artifact $name" ;;
	*)
		tar -x -f "$file" -C "$folder" --no-same-owner 2>/dev/null ||
			fail "the input artifact $name is no zip archive and no tar archive"
		;;
	esac
	rm -f -- "$file"
}

# The first input is unpacked into the working directory, every other into a
# folder of its own, which a variable names.
first=yes
while IFS= read -r -d '' name && IFS= read -r -d '' bucket && IFS= read -r -d '' key; do
	if [ "$first" = yes ]; then
		folder=$directory
		first=no
	else
		folder="$temp/inputs/$name"
		mkdir -- "$folder"
	fi
	export "CODESUITE_INPUT_${name//-/_}=$folder"
	download "$name" "$bucket" "$key" "$folder"
done < <(printf '%s' "$inputs64" | base64 -d)

printf '%s' "$command64" | base64 -d >"$temp/command"
say "running the command in $directory"
code=0
if [ "$(head -c 2 -- "$temp/command" | tr -d '\0')" = '#!' ]; then
	chmod +x -- "$temp/command"
	"$temp/command" </dev/null || code=$?
else
	bash -e -o pipefail -- "$temp/command" </dev/null || code=$?
fi
if [ "$code" -eq 194 ]; then
	# The agent would reboot the machine and run this script again.
	fail "the command ended with exit code 194, which asks for a reboot: builds cannot reboot their instance"
fi
if [ "$code" -ne 0 ]; then
	printf 'codesuite: the command failed with exit code %s\n' "$code" >&2
	exit "$code"
fi

# upload puts a file. Options of the AWS CLI may follow.
upload() {
	local file=$1 bucket=$2 key=$3
	shift 3
	need aws "an output"
	aws s3 cp --only-show-errors "$file" "s3://$bucket/$key" "$@" </dev/null ||
		fail "cannot put s3://$bucket/$key: the instance's role needs s3:PutObject for it, and kms:GenerateDataKey for the key"
}

# Artifacts are encrypted with the key of the artifact store.
encryption=(--sse aws:kms)
key=$(decode "$key64")
key=${key%.}
if [ -n "$key" ]; then encryption+=(--sse-kms-key-id "$key"); fi

cd -- "$directory" || fail "the working directory is gone"
while IFS= read -r -d '' name && IFS= read -r -d '' bucket && IFS= read -r -d '' key && IFS= read -r -d '' path; do
	need zip "an output artifact"
	case $path in
	/*) from=$path ;;
	*) from="$directory/$path" ;;
	esac
	file="$temp/outputs/$name.zip"
	say "packing the output artifact $name"
	if [ -d "$from" ]; then
		[ -n "$(ls -A -- "$from")" ] || fail "the output artifact $name is empty: its folder has no files"
		(cd -- "$from" && zip -q -r -y "$file" .) || fail "cannot pack the output artifact $name"
	elif [ -e "$from" ]; then
		(cd -- "${from%/*}/" && zip -q -y "$file" "./${from##*/}") || fail "cannot pack the output artifact $name"
	else
		fail "the output artifact $name has no content: there is no such file or folder as its path"
	fi
	upload "$file" "$bucket" "$key" "${encryption[@]}"
done < <(printf '%s' "$outputs64" | base64 -d)

# The lines of $CODESUITE_OUTPUT become output variables, as one JSON object. Its
# bucket says how it is encrypted: the state machine, which reads it, has no access
# to the key of the artifact store.
limit=$((122880 - 4096)) # without those that the state machine adds
variables() {
	local line name value number=0 size=0 separator='' LC_ALL=C
	printf '{'
	while IFS= read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		line=${line%$'\r'}
		case $line in '' | '#'*) continue ;; esac
		name=${line%%=*}
		value=${line#*=}
		if [ "$name" = "$line" ] || ! [[ $name =~ ^[A-Za-z0-9@_-]+$ ]]; then
			fail "line $number of \$CODESUITE_OUTPUT is not NAME=value with a name of letters, digits, '@', '_' and '-'"
		fi
		size=$((size + ${#name} + ${#value}))
		[ "$size" -le "$limit" ] || fail "the output variables in \$CODESUITE_OUTPUT have more than $limit bytes"
		value=${value//\\/\\\\}
		value=${value//\"/\\\"}
		value=${value//$'\t'/\\t}
		[[ $value != *[$'\001'-$'\037\177']* ]] || fail "line $number of \$CODESUITE_OUTPUT has a control character"
		printf '%s"%s":"%s"' "$separator" "$name" "$value"
		separator=,
	done
	printf '}'
}
if [ -n "$variables64" ]; then
	[ -f "$CODESUITE_OUTPUT" ] || fail "the command has removed the file \$CODESUITE_OUTPUT"
	if LC_ALL=C.UTF-8 grep -q -a -v -x '.*' "$CODESUITE_OUTPUT"; then
		fail "\$CODESUITE_OUTPUT is not UTF-8"
	fi
	variables <"$CODESUITE_OUTPUT" >"$temp/variables.json"
	while IFS= read -r -d '' bucket && IFS= read -r -d '' key; do
		upload "$temp/variables.json" "$bucket" "$key$instance"
	done < <(printf '%s' "$variables64" | base64 -d)
fi
say "done"
