package main

// manual is what -h prints.
const manual = `NAME
    archive - archive a CodeCommit repository through the AWS API

SYNOPSIS
    archive [-local DIR | -repo NAME [-region REGION] [-profile PROFILE]]
            [-format zip|tar|tar.gz] [-0 ... -9] [-prefix PREFIX/] [-o FILE]
            [-add-file FILE] [-add-virtual-file PATH:CONTENT] [-mtime TIME]
            [-base FILE] [-large git|fail] [-keep-unconverted] [-concurrency N]
            [-v]
            [REF[:FOLDER]] [PATH...]
    archive -list

DESCRIPTION
    Writes the files of one commit as git archive does, without git and
    without a clone: only the AWS API is called, and Git's protocol for files
    over 6 MB. A tar archive is byte for byte that of git; a zip archive has the
    same members, order, modes, links, times and comment. The same commit gives
    the same bytes each time. All content is checked against its object ID.

    REF is a branch, a tag, a full reference such as refs/tags/v1, a full commit
    ID, or HEAD for the default branch, which is what counts without a REF. It
    is resolved once: a push in the meantime changes nothing. REF:FOLDER
    archives a folder alone, with names from there and no commit ID; its times
    are those of the commit.

    Each PATH is a file or a folder to archive with what is below it, from the
    root of the repository or of FOLDER. Without one everything is archived. As
    with git, it may be a pattern ('*.go', ':(glob)src/**/*.go'), leave
    something out (':!vendor', ':(exclude)docs'), or ignore the case
    (':(icase)readme*'). Each must match something. The magic words attr and
    prefix are not supported.

    Options may also stand behind REF and PATH. Behind -- all are operands.

    Where standard error is a terminal, it shows the progress. Its last line
    tells the commit, files, bytes, calls of the API and the time.

OPTIONS
    -local DIR
        Archive the git repository of the folder, a work tree or a bare
        repository, with no AWS account: this program serves it to itself
        through the API, with the limits of the service. What counts is what is
        committed. This is the default, with DIR the current folder.

    -repo NAME
        Archive the CodeCommit repository of that name. Region and credentials
        come from where the AWS CLI takes them: the environment, ~/.aws, single
        sign-on, or the role of the machine.

    -region REGION, -profile PROFILE
        Use this Region, and this profile of ~/.aws/config.

    -format zip|tar|tar.gz
        The format. Without it the name of FILE decides (.zip, .tar, .tar.gz,
        .tgz); on standard output it is tar.

    -prefix PREFIX/
        Put PREFIX/ before each name in the archive. Without the slash it is
        not a folder, but the start of the names.

    -0 ... -9
        The level of compression of zip and tar.gz: -0 for none, -1 for the
        fastest, -9 for the smallest archive. Without it the level is 6.

    -add-file FILE
        Add a file of this machine, behind those of the repository. Its name is
        the -prefix that stands before this option and the base name of FILE.
        May be given several times.

    -add-virtual-file PATH:CONTENT
        Add a file of the name and content. As with git, no -prefix counts. A
        PATH with a colon stands in double quotes. May be given several times.

    -mtime TIME
        The time of all members: 2025-03-01, "2025-03-01 12:30:00 +0100",
        2025-03-01T11:30:00Z or @1740828600. Without it that of the commit.

    -keep-unconverted
        Archive files as they are, in UTF-8, if this program cannot produce the
        encoding of their attribute working-tree-encoding. Without it they are
        an error.

    -list, -l
        Print the formats.

    -o FILE
        Write to FILE. It is complete or not there: an existing file is replaced
        when all of the archive is on the disk, not before. Without -o, or with
        "-", the archive goes to standard output, unless that is a terminal.

    -base FILE
        An earlier zip archive of the same repository, made with the same
        PREFIX/. Only what has changed since is fetched; the result is the same.
        A base that does not fit is ignored, with a note. It may be the FILE of
        -o.

    -large git|fail
        Where files over 6 MB come from, which the API does not return. With git
        they are fetched by Git's protocol, with the same AWS credentials and
        without git: alone, or else with the commit that they are in. They go
        through temporary files. With fail the archive fails, and each file is
        named. The default is git for -repo, and fail for -local.

    -concurrency N
        Make at most N calls of the API at a time, 32 if not given. When the
        service throttles, fewer are made for a while.

    -v  Log throttling and calls that are made again, to standard error, in
        place of the progress.

    -h  Print this manual.

EXAMPLES
    The default branch of a repository, as a zip file:
        archive -repo staging -o staging.zip

    A tag in another Region, as a release tarball:
        archive -repo staging -region eu-west-1 -prefix staging-1.2/ \
            -o staging-1.2.tar.gz v1.2

    The Go files but those of vendor, with a file of the version:
        archive -repo staging -o src.zip -add-virtual-file VERSION:1.2 \
            main '*.go' ':!vendor'

    Two folders of a branch, unpacked:
        archive -repo staging feature/login docs cmd/server | tar -x -C /srv

    Bring an archive up to date:
        archive -repo staging -base staging.zip -o staging.zip main

    The git repository in this folder, without AWS:
        archive -o repo.zip

EXIT STATUS
    0    The archive is complete.
    1    It could not be made. Standard error says why; no file is left.
    2    The command line is wrong.
    130  Interrupted (SIGINT, SIGTERM or SIGHUP). No file is left.

PERMISSIONS
    The IAM actions are codecommit:GetBranch, codecommit:GetCommit,
    codecommit:GetDifferences, codecommit:GetFolder, codecommit:GetBlob, and for
    HEAD codecommit:GetRepository, on the repository's ARN. Files over 6 MB need
    codecommit:GitPull, unless -large is fail.

LIMITS
    The API returns no file over 6 MB (6,291,456 bytes): -large says where
    such files come from. The API takes neither abbreviated commit IDs nor
    expressions such as main~2.

    As long as the service throttles or fails, calls are made again; end it
    with Ctrl-C, or run it under timeout(1).
`
