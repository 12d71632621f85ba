// Shorthand for HTML on its way into a growing answer: each of these phrases is sent as one character of its own, from
// U+E000 on in their order; ¶ is a line break. chat/ui/chat/shorthand.py reads the list from here, so that a page and its
// server have the same.
const PHRASES = `
</span>
<span class="tk-p">
<span class="tk-k">
<span class="tk-n">
<span class="tk-o">
<span class="tk-nb">
<span class="tk-nx">
<span class="tk-mi">
<span class="tk-s1">
<span class="tk-nf">
<span class="tk-ow">
<span class="tk-kd">
<span class="tk-sb">
<span class="tk-si">
<span class="tk-kc">
<span class="tk-kn">
<span class="tk-nn">
<span class="tk-nc">
<span class="tk-s2">
<span class="tk-c1">
<span class="tk-sd">
<span class="tk-nt">
<span class="tk-na">
<span class="tk-s">
<span class="tk-kt">
<span class="tk-bp">
<span class="tk-cm">
<span class="tk-err">
<span class="tk-mf">
<span class="tk-cp">
<span class="tk-fm">
<span class="tk-vi">
<span class="tk-nv">
<span class="tk-ne">
<span class="tk-
">
</strong>
</em>
</code>
</a>
</li>
</p>
</td>
</th>
</tr>
</table>
</thead>
</tbody>
</ul>
</ol>
</div>
</h2>
</h3>
</blockquote>
</s>
</pre>
</figure>
</figcaption>
</button>
</math>
</mi>
</mo>
</mn>
</mrow>
</msub>
</msup>
</mfrac>
</msqrt>
</mtext>
<strong>
<em>
<code>
<li>
<p>
<td>
<th>
<tr>
<table>
<thead>
<tbody>
<s>
<mi>
<mo>
<mn>
<mrow>
<msub>
<msup>
<mfrac>
<msqrt>
<mtext>
</p>¶
</li>¶
</td>¶
</th>¶
</tr>¶
</ul>¶
</ol>¶
</h2>¶
</h3>¶
¶<tr>¶<td>
<tr>¶<td>
</td>¶</tr>¶
</thead>¶<tbody>¶
<table>¶<thead>¶<tr>¶<th>
</tr>¶</tbody>¶</table></div></div>¶
¶<li>
<br>¶
<hr>¶
<ul dir="auto">¶<li>
<ul dir="auto">¶
<ol dir="auto">¶<li>
<ol dir="auto">¶
<blockquote dir="auto">¶<p>
</p>¶</blockquote>¶
<td style="text-align:right">
<td style="text-align:left">
<td style="text-align:center">
<th style="text-align:right">
<th style="text-align:left">
<th style="text-align:center">
<mo lspace="0">
<mo lspace="0" rspace="0">
<mo stretchy="false">
<math data-tex="
" display="block">
<div class="math-card">
<a href="
" target="_blank" rel="noopener noreferrer">
<h1 id="heading-
<h2 id="heading-
<h3 id="heading-
<h4 id="heading-
<figure class="code"><figcaption><span class="language">
<button class="code-wrap" data-testid="code-wrap" title="Wrap lines" aria-pressed="false"></button><button class="code-download" data-testid="code-download" title="Download"></button>
<button type="button" class="copy" aria-label="Copy code">Copy</button></figcaption><pre tabindex="0"><code>
</code></pre></figure>¶
<div class="table-card"><button class="table-copy" data-testid="table-copy" data-icon="content_copy" title="Copy table"></button><div class="table-scroll" tabindex="0" role="region" aria-label="Table" dir="auto">
&lt;
&gt;
&amp;
https://
`;
const FIRST = 0xe000;
const LITERAL = "\uf8ff"; // the character after it stands for itself
const SHORT = /\uf8ff.|[\ue000-\uf8fe]/gs;

const phrases = PHRASES.trim()
  .split("\n")
  .map((phrase) => phrase.replaceAll("¶", "\n"));

export const expanded = (text) =>
  text.replace(SHORT, (short) => (short[0] === LITERAL ? short[1] : phrases[short.charCodeAt(0) - FIRST]));
