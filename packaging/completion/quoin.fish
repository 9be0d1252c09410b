# Completion of quoin for fish: asks the command itself, as quoin.bash does.

function __quoin_first_words
    quoin --help 2>/dev/null | string replace -rf '^  ([a-z][a-z0-9-]*)( [a-z][a-z0-9-]*){0,2}  +(.*)' '$1\t$3' | sort -u
end

function __quoin_next_words
    set -l typed (string join ' ' (commandline -opc)[2..-1])
    quoin --help 2>/dev/null | string replace -rf "^  $typed ([a-z][a-z0-9-]*).*?  +(.*)" '$1\t$2' | sort -u
end

function __quoin_options
    quoin (string match -v -- '-*' (commandline -opc)[2..-1]) --help 2>/dev/null | string match -ra -- '--[a-z][a-z0-9-]*' | sort -u
end

complete -c quoin -n 'test (count (commandline -opc)) -eq 1' -f -a '(__quoin_first_words) --help --version'
complete -c quoin -n 'test (count (commandline -opc)) -ge 2' -a '(__quoin_next_words)'
complete -c quoin -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__quoin_options)'
