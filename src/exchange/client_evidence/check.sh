#!/bin/sh
# {about}
cd -- "$(dirname -- "$0")" || exit 1
sum=sha256sum; command -v "$sum" >/dev/null || sum='shasum -a 256'
bad=0; says() { if [ "$1" = 0 ]; then echo "{holds} $2"; else echo "{fails} $2"; bad=1; fi; }
signed() { ssh-keygen -Y verify -f allowed_signers -I "$1" -n "$2" -s "$1.sig" <"$1" >/dev/null 2>&1; }
exact() { { echo '-----BEGIN SSH SIGNATURE-----'; sed '1d;$d' "$1" | tr -d '\n' | fold -w 70; echo; echo '-----END SSH SIGNATURE-----'; } | cmp -s - "$1"; }
signed SHA256SUMS vault-evidence && exact SHA256SUMS.sig; says $? "{list}"
$sum -c SHA256SUMS 2>&1 | grep -v ': OK$'; $sum -c SHA256SUMS >/dev/null 2>&1; says $? "{files}"
there=$(find . ! -type d | LC_ALL=C sort)
listed=$({ cut -c67- SHA256SUMS; echo ./SHA256SUMS; echo ./SHA256SUMS.sig; } | LC_ALL=C sort)
[ "$there" = "$listed" ]; says $? "{none}"
while read -r file namespace; do signed "$file" "$namespace"; says $? "$file: {signature}"; done <signatures.txt
exit "$bad"
